//! What a tool Lambda in Rust imports: one table of names, plain functions, and everything else taken care of.
//!
//! ```no_run
//! use stepsmith::{Call, Error, serve, tool};
//!
//! #[derive(serde::Deserialize)]
//! struct Greeting {
//!     name: String,
//! }
//!
//! async fn greet(input: Greeting, _call: Call) -> Result<String, Error> {
//!     Ok(format!("Hello, {}", input.name))
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     serve([("greet", tool(greet))]).await
//! }
//! ```
//!
//! [`serve`] reads the `tool.json` that lies beside the program, parses each call, validates its input against the tool's
//! schema, runs the function and answers within the call's budget: what is longer goes to the artifact store, with a
//! preview. A [`ToolError`] is for the model; any other error, and a panic, is a bug: Lambda reports it, and the state
//! machine tells the model that the tool failed, and nothing of why.
//!
//! | module | what |
//! | --- | --- |
//! | `contract` | the event as the contract has it (docs/reference/contracts.md) |
//! | `call`, `location` | what a function knows of its call, and the files it may read |
//! | `input` | a tool's schema, and what to tell a model whose input does not fit |
//! | `answer`, `error` | what a function may answer, and how it fails |
//! | `result`, `table` | an answer as a `tool_result` within its budget |
//! | `store`, `secrets`, `aws` | the artifact store, secrets by their name in tool.json, signed requests |
//! | `server` | the Lambda handler |

mod answer;
mod aws;
mod call;
mod contract;
mod error;
mod input;
mod location;
mod result;
mod secrets;
mod server;
mod store;
mod table;

pub use answer::{Answer, File, Table};
pub use call::Call;
pub use contract::ContractError;
pub use error::{Error, ToolError};
pub use secrets::{MissingSecret, secret};
pub use server::{Function, Server, serve, tool};
pub use store::{Forbidden, Objects};
