//! The event that a tool Lambda is sent, read as the contract has it: names and bounds checked, the input not yet.

use std::time::SystemTime;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::location::Location;

/// An event that is no tool call: the caller's defect, told to Lambda. `field` is its path, or empty.
#[derive(Debug, thiserror::Error)]
#[error("{field}{}{problem}", if .field.is_empty() { "" } else { ": " })]
pub struct ContractError {
    pub field: String,
    pub problem: String,
}

impl ContractError {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

/// A call as it arrives. Fields that the kit does not know are passed over.
pub struct Event {
    pub name: String,
    pub id: String,
    pub input: Value,
    pub run_id: String,
    pub agent: String,
    pub turn: i64,
    pub effect_id: String,
    pub artifacts: Location,
    pub max_result_bytes: usize,
    pub deadline: SystemTime,
}

impl Event {
    pub fn parse(text: &str) -> Result<Self, ContractError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| ContractError::new("", format!("the event is no JSON that can be read: {error}")))?;
        let call = Fields { object: value.as_object().ok_or_else(|| mismatch("", "an object", &value))?, path: "" };
        let (name, id, input) = (call.text("name")?, call.text("id")?, call.object("input")?);
        let context = Fields { object: call.object("context")?, path: "context." };
        Ok(Self {
            name,
            id,
            input: Value::Object(input.clone()),
            run_id: context.text("run_id")?,
            agent: context.text("agent")?,
            turn: context.integer("turn", 0)?,
            effect_id: context.text("effect_id")?,
            artifacts: context.read("artifacts", "a prefix like s3://bucket/artifacts/", prefix)?,
            max_result_bytes: usize::try_from(context.integer("max_result_bytes", 1)?).unwrap_or(usize::MAX),
            deadline: context.read("deadline", "a time like 2026-01-31T12:00:00Z", instant)?,
        })
    }
}

struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: &'static str,
}

impl<'a> Fields<'a> {
    fn of<T>(&self, name: &str, kind: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<T, ContractError> {
        let field = format!("{}{name}", self.path);
        match self.object.get(name) {
            None => Err(ContractError::new(field, "is missing")),
            Some(value) => read(value).ok_or_else(|| mismatch(&field, kind, value)),
        }
    }

    fn text(&self, name: &str) -> Result<String, ContractError> {
        self.of(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn object(&self, name: &str) -> Result<&'a Map<String, Value>, ContractError> {
        self.of(name, "an object", Value::as_object)
    }

    fn integer(&self, name: &str, least: i64) -> Result<i64, ContractError> {
        let number = self.of(name, "an integer", integral)?;
        let problem = || format!("at least {least} is needed, not {number}");
        if number < least { Err(ContractError::new(format!("{}{name}", self.path), problem())) } else { Ok(number) }
    }

    /// A string of a special form.
    fn read<T>(&self, name: &str, kind: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, ContractError> {
        self.text(name)?;
        self.of(name, kind, |value| value.as_str().and_then(read))
    }
}

/// JSON knows one kind of number: 2.0 is an integer, too. So are those up to 2^53, which every reader has exactly.
pub fn integral(value: &Value) -> Option<i64> {
    const MOST: f64 = (1_u64 << 53) as f64;
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= MOST;
    value.as_i64().or_else(|| value.as_f64().filter(whole).map(|number| number as i64))
}

fn prefix(text: &str) -> Option<Location> {
    Location::parse(text).filter(Location::is_prefix)
}

fn instant(text: &str) -> Option<SystemTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(SystemTime::from)
}

/// Names a wrong value, cut short: it may be long, and nothing of it belongs into a log whole.
fn mismatch(field: &str, kind: &str, value: &Value) -> ContractError {
    let text = value.to_string();
    let shown = match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    };
    ContractError::new(field, format!("{kind} is needed, not {shown}"))
}
