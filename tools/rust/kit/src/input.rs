//! A tool's input schema, compiled once, and what to tell a model whose input does not fit it.
//!
//! The schema is JSON Schema as in `tool.json`, draft 2020-12 unless it names another. References that leave the schema
//! are never fetched: the crate is built without the features that would.

use jsonschema::paths::LocationSegment;
use jsonschema::{ValidationError, Validator};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::contract::integral;
use crate::{Error, ToolError};

/// So many faults are named at once.
const FAULTS: usize = 5;
/// Characters of one: a message can quote the value, and a value can be long.
const WIDTH: usize = 200;

pub struct Schema {
    tool: String,
    compiled: Validator,
}

#[derive(Debug, thiserror::Error)]
#[error("input_schema of tool {tool:?} is no JSON Schema: {problem}")]
pub struct BadSchema {
    tool: String,
    problem: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the schema of {tool} lets pass what its type refuses: {problem}")]
pub struct InputMismatch {
    tool: String,
    problem: serde_json::Error,
}

impl Schema {
    pub fn new(tool: &str, source: &Value) -> Result<Self, BadSchema> {
        let compiled = jsonschema::options().should_validate_formats(true).build(source);
        let compiled = compiled.map_err(|error| BadSchema { tool: tool.to_owned(), problem: error.to_string() })?;
        Ok(Self { tool: tool.to_owned(), compiled })
    }

    /// A [`ToolError`] names what does not fit.
    pub fn check(&self, input: &Value) -> Result<(), ToolError> {
        let faults: Vec<String> = self.compiled.iter_errors(input).take(FAULTS).map(|fault| line(&fault)).collect();
        let first = format!("The input of {} does not fit its schema. Correct this and call it again:", self.tool);
        if faults.is_empty() { Ok(()) } else { Err(ToolError(first + &faults.concat())) }
    }
}

/// A validated input as the function's own type.
pub fn decoded<In: DeserializeOwned>(tool: &str, input: Value) -> Result<In, Error> {
    serde_json::from_value(with_integers(input))
        .map_err(|problem| InputMismatch { tool: tool.to_owned(), problem }.into())
}

/// JSON Schema counts 2.0 as an integer, serde does not.
fn with_integers(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(with_integers).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, each)| (name, with_integers(each))).collect(),
        Value::Number(ref number) if number.is_f64() => integral(&value).map_or(value, Value::from),
        _ => value,
    }
}

fn line(fault: &ValidationError<'_>) -> String {
    format!("\n- {}: {}", place(fault), short(&fault.to_string()))
}

fn place(fault: &ValidationError<'_>) -> String {
    let steps = fault.instance_path().iter().map(|step| match step {
        LocationSegment::Index(index) => format!("[{index}]"),
        LocationSegment::Property(name) => format!(".{name}"),
    });
    let path = steps.collect::<String>();
    if path.is_empty() { "input".to_owned() } else { path.trim_start_matches('.').to_owned() }
}

fn short(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= WIDTH {
        return text.to_owned();
    }
    let end = &characters[characters.len() - WIDTH / 2..];
    format!("{} ... {}", characters[..WIDTH / 2].iter().collect::<String>(), end.iter().collect::<String>())
}
