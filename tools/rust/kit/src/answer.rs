//! What a tool function may answer: a closed union of values.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Error;

/// What a tool function gives. Whatever turns into one by `From` will do: a `String`, a [`Value`], a [`Table`], a [`File`].
#[derive(Clone, Debug)]
pub enum Answer {
    Text(String),
    Json(Value),
    Table(Table),
    /// A picture goes to the artifact store; the model gets a reference.
    Picture(File),
    /// Any other file, like a picture.
    File(File),
    /// Several answers as one, in order.
    Parts(Vec<Answer>),
}

/// Rows under columns whose names differ, a cell for each column. The model sees a page of them; all are kept.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// More keys of the table's JSON text.
    pub facts: Map<String, Value>,
}

/// Bytes under a file name (without folders), which is not used twice in one answer.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub data: Vec<u8>,
    pub media_type: String,
}

impl Answer {
    /// Any value that serde can write as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, Error> {
        Ok(Self::Json(serde_json::to_value(value)?))
    }

    pub(crate) fn parts(self) -> Vec<Self> {
        match self {
            Self::Parts(parts) => parts.into_iter().flat_map(Self::parts).collect(),
            part => vec![part],
        }
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl From<Table> for Answer {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<File> for Answer {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}
