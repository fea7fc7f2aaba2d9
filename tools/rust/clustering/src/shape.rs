//! The shape of a series: its values with mean 0 and standard deviation 1. The distance of two shapes then tells how their
//! curves correlate: d^2 = 2n(1 - r), whatever the level and scale of the prices.

/// A constant series has no shape of its own: zeros.
pub fn standardised(values: &[f64]) -> Vec<f64> {
    // By its largest value first, so that no sum of squares can overflow.
    let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let scaled: Vec<f64> = values.iter().map(|value| if largest > 0.0 { value / largest } else { 0.0 }).collect();
    let mean = average(scaled.iter().copied(), scaled.len());
    let deviation = average(scaled.iter().map(|value| (value - mean).powi(2)), scaled.len()).sqrt();
    // What is left of a constant series by rounding is no shape.
    let shape = |value: &f64| if deviation > 1e-12 { (value - mean) / deviation } else { 0.0 };
    scaled.iter().map(shape).collect()
}

/// The Euclidean distance of each two shapes. The sums run in eight lanes, which the compiler computes at once.
pub fn distances(shapes: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; shapes.len()]; shapes.len()];
    for row in 1..shapes.len() {
        for column in 0..row {
            let distance = squared(&shapes[row], &shapes[column]).sqrt();
            matrix[row][column] = distance;
            matrix[column][row] = distance;
        }
    }
    matrix
}

const LANES: usize = 8;

fn squared(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a.remainder().iter().zip(b.remainder()).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            sums[lane] += (a[lane] - b[lane]).powi(2);
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[allow(clippy::cast_precision_loss)] // Nobody has 2^53 values.
fn average(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    values.sum::<f64>() / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_and_scale_are_no_matter_of_shape() {
        let [a, b] = [[1.0, 2.0, 4.0], [1010.0, 1020.0, 1040.0]].map(|values| standardised(&values));
        assert!(distances(&[a.clone(), b])[0][1] < 1e-12);
        assert!((a.iter().sum::<f64>()).abs() < 1e-12 && (a.iter().map(|x| x * x).sum::<f64>() - 3.0).abs() < 1e-12);
    }

    #[test]
    fn constant_and_huge_series_have_finite_shapes() {
        for values in [[0.1; 10], [0.0; 10], [f64::MAX; 10]] {
            assert_eq!(standardised(&values), [0.0; 10]);
        }
        assert_eq!(standardised(&[f64::MAX, f64::MIN]), [1.0, -1.0]);
    }

    #[test]
    fn distances_are_those_of_euclid_in_any_number_of_dimensions() {
        for dimensions in [1, 7, 8, 9, 100] {
            let matrix = distances(&[vec![1.0; dimensions], vec![3.0; dimensions]]);
            let expected = 2.0 * (dimensions as f64).sqrt();
            assert!((matrix[0][1] - expected).abs() < 1e-12 && matrix[1][0] == matrix[0][1] && matrix[0][0] == 0.0);
        }
    }
}
