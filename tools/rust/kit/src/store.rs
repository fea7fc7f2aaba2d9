//! The artifact store: S3 as the function's role sees it, or the endpoint that `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`
//! names (path style).

use http::{Method, Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::Body;

use crate::{Error, aws};

/// Objects by bucket and key. Its calls block; the kit makes them on a thread aside.
pub trait Objects: Send + Sync {
    /// The whole object, or nothing where there is none. An error made of [`Forbidden`] where the role may not read it.
    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Error>;
    fn put(&self, bucket: &str, key: &str, data: Vec<u8>, media_type: &str) -> Result<(), Error>;
}

/// Does work that blocks, so that others go on meanwhile.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await?
}

/// The store refuses to give an object, or to say that there is none (S3 does, to a role that may not list).
#[derive(Debug, thiserror::Error)]
#[error("the function's role may not read the object")]
pub struct Forbidden;

pub struct S3;

/// What the store did not serve; not in its own words: they can hold a signature.
#[derive(Debug, thiserror::Error)]
#[error("the artifact store did not serve s3://{bucket}/{key} ({why})")]
struct Unserved {
    bucket: String,
    key: String,
    why: String,
}

const MOST_BYTES: u64 = 5 << 30;
/// What S3 wants encoded in a path (RFC 3986, unreserved characters stay).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Objects for S3 {
    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let request = Request::get(url(bucket, key)).body(Vec::new())?;
        let mut answer = answered(bucket, key, request)?;
        match answer.status().as_u16() {
            200 => Ok(Some(answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec()?)),
            404 if answer.body_mut().read_to_string()?.contains("NoSuchKey") => Ok(None),
            403 => Err(Forbidden.into()),
            status => Err(unserved(bucket, key, &status.to_string()).into()),
        }
    }

    fn put(&self, bucket: &str, key: &str, data: Vec<u8>, media_type: &str) -> Result<(), Error> {
        let request = Request::builder().method(Method::PUT).uri(url(bucket, key));
        let answer = answered(bucket, key, request.header("content-type", media_type).body(data)?)?;
        match answer.status().as_u16() {
            200 => Ok(()),
            status => Err(unserved(bucket, key, &status.to_string()).into()),
        }
    }
}

fn answered(bucket: &str, key: &str, request: Request<Vec<u8>>) -> Result<Response<Body>, Error> {
    aws::send("s3", request).map_err(|error| unserved(bucket, key, error.kind()).into())
}

fn unserved(bucket: &str, key: &str, why: &str) -> Unserved {
    Unserved { bucket: bucket.to_owned(), key: key.to_owned(), why: why.to_owned() }
}

fn url(bucket: &str, key: &str) -> String {
    let path = utf8_percent_encode(key, PATH);
    match aws::endpoint("S3") {
        Some(endpoint) => format!("{endpoint}/{bucket}/{path}"),
        None => format!("https://{bucket}.s3.{}.amazonaws.com/{path}", aws::region()),
    }
}
