//! The call as a tool function sees it: who it is, until when, and the files it may read.
//!
//! A reference is data from the model, so it is checked before anything is read: it must lie under the run's own
//! artifacts, in plain spelling.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::contract::Event;
use crate::location::{Location, is_unplain};
use crate::store::{Forbidden, Objects, aside};
use crate::{Error, ToolError};

/// One call of one tool.
///
/// `effect_id` names the logical call: a repeat carries the same one. `deadline` is the earlier of the run's and the
/// function's own, less what storing and answering take.
#[derive(Clone)]
pub struct Call {
    pub name: String,
    pub id: String,
    pub effect_id: String,
    pub run_id: String,
    pub agent: String,
    pub turn: i64,
    pub deadline: SystemTime,
    pub max_result_bytes: usize,
    artifacts: Location,
    objects: Arc<dyn Objects>,
}

impl Call {
    /// The call of an event, and its input; the function itself ends at `function_end`.
    pub(crate) fn open(event: Event, function_end: SystemTime, objects: Arc<dyn Objects>) -> Self {
        Self {
            name: event.name,
            id: event.id,
            effect_id: event.effect_id,
            run_id: event.run_id,
            agent: event.agent,
            turn: event.turn,
            deadline: event.deadline.min(function_end),
            max_result_bytes: event.max_result_bytes,
            artifacts: event.artifacts,
            objects,
        }
    }

    /// Until the deadline; never negative.
    pub fn time_left(&self) -> Duration {
        self.deadline.duration_since(SystemTime::now()).unwrap_or_default()
    }

    /// The file of this run that a reference from the model means: an `s3://` URI. A [`ToolError`] where it may not be
    /// read, or is not there.
    pub async fn read(&self, uri: &str) -> Result<Vec<u8>, Error> {
        let at = Location::parse(uri).filter(|at| at.is_under(&self.artifacts)).ok_or_else(|| {
            ToolError(format!(
                "'{uri}' is not one of this run's files. Use a reference exactly as a result of this run gives it; they \
                 begin with '{}'.",
                self.artifacts
            ))
        })?;
        let (objects, file) = (Arc::clone(&self.objects), at.to_string());
        match aside(move || objects.get(&at.bucket, &at.key)).await {
            Ok(Some(data)) => Ok(data),
            Ok(None) => Err(missing(&format!("'{file}'"))),
            Err(error) if error.is::<Forbidden>() => {
                Err(missing(&format!("'{file}' (or this function may not read it)")))
            }
            Err(error) => Err(error),
        }
    }

    /// [`Call::read`] for a reference that comes as bucket and key.
    pub async fn read_key(&self, bucket: &str, key: &str) -> Result<Vec<u8>, Error> {
        let moves = if bucket.contains('/') { "//" } else { "" }; // A slash would move part of the key.
        self.read(&format!("s3://{bucket}{moves}/{key}")).await
    }

    pub(crate) async fn store(&self, at: &Location, data: Vec<u8>, media_type: &str) -> Result<(), Error> {
        let (objects, at, media_type) = (Arc::clone(&self.objects), at.clone(), media_type.to_owned());
        aside(move || objects.put(&at.bucket, &at.key, data, &media_type)).await
    }

    /// Where a file of this call goes: `chart.png` becomes `<artifacts>chart-1a2b3c4d.png`. The digits come from the
    /// effect id, so another call never overwrites it, and a repeat of this one does.
    pub(crate) fn place(&self, name: &str) -> Result<Location, BadFileName> {
        let plain = name.replace(is_unplain, "_");
        if ["", ".", ".."].contains(&plain.as_str()) || plain.contains('/') {
            return Err(BadFileName(name.to_owned()));
        }
        // `.profile` has no suffix.
        let dot = plain.rfind('.').filter(|dot| *dot > 0).unwrap_or(plain.len());
        let mark = Sha256::digest(&self.effect_id)[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(self.artifacts.child(&format!("{}-{mark}{}", &plain[..dot], &plain[dot..])))
    }
}

fn missing(file: &str) -> Error {
    ToolError(format!("There is no file {file}. Use a reference that a result of this run gives.")).into()
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no file name; give one without folders")]
pub(crate) struct BadFileName(String);
