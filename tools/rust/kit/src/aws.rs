//! Signed requests to AWS: the signature by AWS's own crate, the rest by a small client that blocks.
//!
//! AWS's whole SDK would take minutes to compile and megabytes of the artifact, for two calls of S3 and one of Secrets
//! Manager. The function's role lies in the environment for as long as the process lives.

use std::env;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use http::{Request, Response};
use ureq::{Agent, Body};

use crate::Error;

const TIMEOUT: Duration = Duration::from_secs(60);

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).max_redirects(0);
    config.max_redirects_will_error(false).build().new_agent()
});

/// Signs a request to a service as the function's role and sends it. Any status is an answer.
pub fn send(service: &str, request: Request<Vec<u8>>) -> Result<Response<Body>, Error> {
    Ok(AGENT.run(signed(service, request)?)?)
}

/// The function's region.
pub fn region() -> String {
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned())
}

/// Where a service is, if not at AWS: `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL`.
pub fn endpoint(service: &str) -> Option<String> {
    let url = variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))?;
    Some(url.trim_end_matches('/').to_owned())
}

/// A setting of the environment that is there and not empty.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn signed(service: &str, mut request: Request<Vec<u8>>) -> Result<Request<Vec<u8>>, Error> {
    let (key, secret) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    let session = variable("AWS_SESSION_TOKEN");
    let role = Credentials::new(key.unwrap_or_default(), secret.unwrap_or_default(), session, None, "role").into();
    let region = region();
    let parameters = v4::SigningParams::builder().identity(&role).region(&region).name(service);
    let parameters = parameters.time(SystemTime::now()).settings(settings(service)).build()?.into();
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), request.uri().to_string(), headers, body)?;
    let (instructions, _signature) = sign(signable, &parameters)?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// S3 signs the path as it is sent, and the body's hash as a header.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}
