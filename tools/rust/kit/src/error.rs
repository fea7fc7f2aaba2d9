//! How a tool function fails: a [`ToolError`] is for the model, any other error is a bug.
//!
//! [`Error`] holds either, made from any error by `?`. It remembers the error's type, which is all that the state machine
//! tells of a bug.

use std::any::type_name;
use std::fmt;

use lambda_runtime::Diagnostic;

/// For the model: a bad input, a vendor's 404. Its text says what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ToolError(pub String);

/// Any error, with the name of its type.
pub struct Error {
    kind: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Error {
    /// The text for the model, if it is for the model.
    pub fn for_model(&self) -> Option<&str> {
        self.source.downcast_ref::<ToolError>().map(|error| error.0.as_str())
    }

    /// Whether it was made of this type of error.
    pub fn is<E: std::error::Error + 'static>(&self) -> bool {
        self.source.is::<E>()
    }

    /// The name of the error's type, without its path.
    pub fn kind(&self) -> &str {
        self.kind
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let path = type_name::<E>().split('<').next().unwrap_or_default();
        Self { kind: path.rsplit("::").next().unwrap_or_default(), source: Box::new(error) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(text)
    }
}

/// As `main` prints it.
impl fmt::Debug for Error {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "{}: {}", self.kind, self.source)
    }
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self { error_type: error.kind.to_owned(), error_message: error.to_string() }
    }
}
