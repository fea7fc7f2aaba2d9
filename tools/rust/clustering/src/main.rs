//! The tool Lambda clustering: it groups time series by the shape of their curves.

use clustering::clusters;
use stepsmith::{Error, serve, tool};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve([("calculate_hdbscan_clusters", tool(clusters))]).await
}
