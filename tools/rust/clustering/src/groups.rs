//! HDBSCAN over shapes, as scikit-learn does it with the same `min_cluster_size`: `min_samples` is the same, a point
//! counts as its own neighbour, and one cluster of everything is none.

use hdbscan::{DistanceMetric, Hdbscan, HdbscanHyperParams};

use crate::shape::distances;

/// Shapes nearer than this are one. HDBSCAN compares densities, 1 / distance: equal shapes would have infinite ones.
const NEAREST: f64 = 1e-9;

/// The cluster of each shape, counted from 0, or nothing where it belongs to none. There are at least `min_cluster_size`
/// shapes.
pub fn labels(shapes: &[Vec<f64>], min_cluster_size: usize) -> Vec<Option<usize>> {
    let mut matrix = distances(shapes);
    for (row, distances) in matrix.iter_mut().enumerate() {
        for (column, distance) in distances.iter_mut().enumerate() {
            *distance = if row == column { 0.0 } else { distance.max(NEAREST) };
        }
    }
    let parameters = HdbscanHyperParams::builder()
        .min_cluster_size(min_cluster_size)
        .min_samples(min_cluster_size)
        .dist_metric(DistanceMetric::Precalculated)
        .build();
    let found = Hdbscan::new(&matrix, parameters).cluster();
    let labels = found.expect("a square matrix of finite distances, with a row for each shape, is what it asks for");
    labels.into_iter().map(|label| usize::try_from(label).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points around `center`, close together.
    fn around(center: f64, points: u32) -> Vec<Vec<f64>> {
        (0..points).map(|point| vec![center, center + 0.01 * f64::from(point * point)]).collect()
    }

    #[test]
    fn two_dense_groups_and_a_point_far_away_are_told_apart() {
        let shapes = [around(0.0, 6), around(10.0, 6), vec![vec![500.0, -500.0]]].concat();
        let found = labels(&shapes, 5);
        assert!(found[..6].iter().all(|label| *label == found[0]) && found[0].is_some());
        assert!(found[6..12].iter().all(|label| *label == found[6]) && found[6].is_some());
        assert!(found[0] != found[6] && found[12].is_none());
    }

    #[test]
    fn equal_shapes_are_a_cluster() {
        let shapes = [vec![vec![1.0, 2.0]; 4], vec![vec![5.0, 1.0]; 4]].concat();
        let found = labels(&shapes, 2);
        assert!(found[0].is_some() && found[4].is_some() && found[0] != found[4]);
        assert_eq!(found[..4], [found[0]; 4]);
    }

    #[test]
    fn shapes_that_are_all_equal_are_no_error() {
        assert_eq!(labels(&vec![vec![0.0, 0.0]; 12], 2).len(), 12);
    }
}
