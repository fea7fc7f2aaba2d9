//! Groups the time series of a CSV file by the shape of their curves.
//!
//! `series` reads the file, `shape` makes series comparable, `groups` finds the clusters among them; here they are put
//! together as the tool `calculate_hdbscan_clusters`.

mod groups;
mod series;
mod shape;

use serde::{Deserialize, Serialize};
use stepsmith::{Answer, Call, Error, ToolError};

use crate::groups::labels;
use crate::series::Series;

/// The tool's input as tool.json describes it.
#[derive(Deserialize)]
pub struct Input {
    bucket: String,
    key: String,
}

/// The tool's answer: tickers by cluster, the largest first, each in the order of the file.
#[derive(Debug, PartialEq, Serialize)]
pub struct Clusters {
    pub clusters: Vec<Vec<String>>,
    pub noise: Vec<String>,
    pub series: usize,
    pub min_cluster_size: usize,
}

/// Answers the clusters among the series of a file of this run.
pub async fn clusters(input: Input, call: Call) -> Result<Answer, Error> {
    Answer::json(&clustered(&call.read_key(&input.bucket, &input.key).await?)?)
}

/// The clusters among the series of a CSV file. A [`ToolError`] where it holds no series that can be compared.
pub fn clustered(csv: &[u8]) -> Result<Clusters, ToolError> {
    let series = series::parse(csv)?;
    let min_cluster_size = min_cluster_size(series.len());
    let shapes: Vec<Vec<f64>> = series.iter().map(|each| shape::standardised(&each.values)).collect();
    let labels = labels(&shapes, min_cluster_size);
    let (clusters, noise) = grouped(&series, &labels);
    Ok(Clusters { clusters, noise, series: series.len(), min_cluster_size })
}

/// Few series form small clusters; from 50 on HDBSCAN's usual 5.
fn min_cluster_size(series: usize) -> usize {
    (series / 10).clamp(2, 5)
}

/// Tickers by label, and those without one.
fn grouped(series: &[Series], labels: &[Option<usize>]) -> (Vec<Vec<String>>, Vec<String>) {
    let count = labels.iter().flatten().max().map_or(0, |last| last + 1);
    let (mut clusters, mut noise) = (vec![Vec::new(); count], Vec::new());
    for (each, label) in series.iter().zip(labels) {
        let group = label.map_or(&mut noise, |label| &mut clusters[label]);
        group.push(each.ticker.clone());
    }
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.len())); // Stable: the labels' order where they are as large.
    (clusters, noise)
}
