//! Secrets by their name in tool.json: from the environment (on a laptop), else from AWS Secrets Manager.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Request;
use serde_json::{Value, json};

use crate::store::aside;
use crate::{Error, aws};

/// For how long a secret from Secrets Manager is kept: a rotated one comes through after it.
const LIFE: Duration = Duration::from_secs(5 * 60);

#[derive(Debug, thiserror::Error)]
pub enum MissingSecret {
    #[error("{0} is not set: put it into the environment or .env ({0}_SECRET_ARN on AWS)")]
    NotSet(String),
    #[error("the secret {0:?} cannot be read: check that it is a text, and that the function's role may read it")]
    NotReadable(String),
}

/// The text of a secret that tool.json lists: the environment variable of that name where it is set, else the Secrets
/// Manager secret that `<name>_SECRET_ARN` names, asked for again after five minutes.
pub async fn secret(name: &str) -> Result<String, Error> {
    if let Some(value) = aws::variable(name) {
        return Ok(value);
    }
    match aws::variable(&format!("{name}_SECRET_ARN")) {
        Some(arn) => aside(move || KEEPER.get(&arn, Instant::now(), fetched)).await,
        None => Err(MissingSecret::NotSet(name.to_owned()).into()),
    }
}

static KEEPER: LazyLock<Keeper> = LazyLock::new(Keeper::default);

/// Secrets and when they were fetched.
#[derive(Default)]
struct Keeper(Mutex<HashMap<String, (String, Instant)>>);

impl Keeper {
    /// What is kept of a secret, or what `fetch` gives for it. A failure is not kept.
    fn get(&self, arn: &str, now: Instant, fetch: impl Fn(&str) -> Result<String, Error>) -> Result<String, Error> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = kept.get(arn).filter(|(_, since)| now.duration_since(*since) < LIFE) {
            return Ok(value.clone());
        }
        let value = fetch(arn)?;
        kept.insert(arn.to_owned(), (value.clone(), now));
        Ok(value)
    }
}

fn fetched(arn: &str) -> Result<String, Error> {
    let here = || format!("https://secretsmanager.{}.amazonaws.com", aws::region());
    let endpoint = aws::endpoint("SECRETS_MANAGER").unwrap_or_else(here);
    let request = Request::post(format!("{endpoint}/"))
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .body(json!({"SecretId": arn}).to_string().into_bytes())?;
    let text = aws::send("secretsmanager", request)?.body_mut().read_to_string()?;
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    let value = answer["SecretString"].as_str().map(str::to_owned);
    value.ok_or_else(|| MissingSecret::NotReadable(arn.to_owned()).into())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_missing_secret_says_where_to_put_it() {
        let error = secret("NO_KEY").await.unwrap_err();
        assert!(error.to_string().contains("NO_KEY_SECRET_ARN"), "{error}");
    }

    #[test]
    fn a_fetched_secret_is_kept_for_five_minutes() {
        let (keeper, fetched, mut now) = (Keeper::default(), Cell::new(0), Instant::now());
        let fetch = |arn: &str| {
            fetched.set(fetched.get() + 1);
            Ok(format!("{arn} {}", fetched.get()))
        };
        let second = Duration::from_secs(1);
        for (later, expected) in
            [(Duration::ZERO, "arn 1"), (LIFE - second, "arn 1"), (second, "arn 2"), (LIFE - second, "arn 2")]
        {
            now += later;
            assert_eq!(keeper.get("arn", now, fetch).unwrap(), expected);
        }
    }

    #[test]
    fn a_failure_is_not_kept() {
        let (keeper, now) = (Keeper::default(), Instant::now());
        let denied = |arn: &str| Err(MissingSecret::NotReadable(arn.to_owned()).into());
        assert!(keeper.get("arn", now, denied).is_err());
        assert_eq!(keeper.get("arn", now, |_| Ok("value".to_owned())).unwrap(), "value");
    }
}
