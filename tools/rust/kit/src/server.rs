//! The Lambda handler: the event's text in, the result's text out. Logs say whose call it was, never what was said.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs};

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::contract::Event;
use crate::input::{Schema, decoded};
use crate::store::S3;
use crate::{Answer, Call, ContractError, Error, Objects, result};

/// Kept back from a function's time for storing and answering; at most a fifth of it.
const MARGIN: Duration = Duration::from_secs(2);

type Answering = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// A tool ready to be served; [`tool`] makes one.
pub type Function = Box<dyn Fn(Value, Call) -> Answering + Send + Sync>;

/// A function whose input is a type of its own, decoded by serde, as a tool.
pub fn tool<In, Out, Fut>(function: impl Fn(In, Call) -> Fut + Send + Sync + 'static) -> Function
where
    In: DeserializeOwned,
    Out: Into<Answer>,
    Fut: Future<Output = Result<Out, Error>> + Send + 'static,
{
    Box::new(move |input, call| match decoded(&call.name, input) {
        Ok(input) => {
            let answer = function(input, call);
            Box::pin(async { answer.await.map(Into::into) })
        }
        Err(error) => Box::pin(async { Err(error) }),
    })
}

/// Answers Lambda's calls for as long as the process lives. An error where tool.json and the table do not fit each other.
pub async fn serve(tools: impl IntoIterator<Item = (&'static str, Function)>) -> Result<(), Error> {
    let folder = env::var("LAMBDA_TASK_ROOT").unwrap_or_else(|_| ".".to_owned());
    let server = &Server::new(&fs::read_to_string(format!("{folder}/tool.json"))?, tools, Arc::new(S3))?;
    let handler = |event: LambdaEvent<Box<RawValue>>| async move {
        let text = server.invoke(event.payload.get(), ends(event.context.deadline)).await?;
        Ok::<_, Error>(RawValue::from_string(text)?)
    };
    lambda_runtime::run(service_fn(handler)).await.map_err(|error| Stopped(error.to_string()).into())
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Stopped(String);

/// The handler of one function's tools.
pub struct Server {
    function: String,
    schemas: BTreeMap<String, Schema>,
    tools: BTreeMap<String, Function>,
    objects: Arc<dyn Objects>,
}

#[derive(Debug, thiserror::Error)]
#[error("tool.json describes the tools {known:?}, but serve was given {served:?}: make them the same")]
struct OtherTools {
    known: Vec<String>,
    served: Vec<String>,
}

#[derive(Deserialize)]
struct Description {
    function: String,
    tools: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    input_schema: Value,
}

impl Server {
    /// A handler from the text of a tool.json, over an artifact store of the caller's.
    pub fn new(
        description: &str,
        tools: impl IntoIterator<Item = (&'static str, Function)>,
        objects: Arc<dyn Objects>,
    ) -> Result<Self, Error> {
        let described: Description = serde_json::from_str(description)?;
        let compiled = described.tools.into_iter().map(|tool| {
            let schema = Schema::new(&tool.name, &tool.input_schema)?;
            Ok::<_, Error>((tool.name, schema))
        });
        let schemas = compiled.collect::<Result<BTreeMap<_, _>, _>>()?;
        let tools: BTreeMap<_, _> = tools.into_iter().map(|(name, function)| (name.to_owned(), function)).collect();
        if !schemas.keys().eq(tools.keys()) {
            return Err(OtherTools { known: names(&schemas), served: names(&tools) }.into());
        }
        Ok(Self { function: described.function, schemas, tools, objects })
    }

    /// The result of one call, as JSON text; the function itself must have ended at `function_end`.
    pub async fn invoke(&self, payload: &str, function_end: SystemTime) -> Result<String, Error> {
        let began = Instant::now();
        let mut event = Event::parse(payload)?;
        let (Some(schema), Some(function)) = (self.schemas.get(&event.name), self.tools.get(&event.name)) else {
            let problem = format!("one of {} is needed, not {:?}", names(&self.tools).join(", "), event.name);
            return Err(ContractError::new("name", problem).into());
        };
        let input = event.input.take();
        let call = Call::open(event, function_end, Arc::clone(&self.objects));
        let answer = match schema.check(&input) {
            Ok(()) => function(input, call.clone()).await,
            Err(advice) => Err(advice.into()),
        };
        let text = self.told(&call, answer).await?;
        self.log("INFO", "tool call", &call, json!({"bytes": text.len(), "ms": ms(began)}));
        Ok(text)
    }

    /// An answer, or what is for the model of an error, as a result. A bug stays an error.
    async fn told(&self, call: &Call, answer: Result<Answer, Error>) -> Result<String, Error> {
        let (answer, is_error) = match answer {
            Ok(answer) => (answer, false),
            Err(error) => match error.for_model() {
                Some(advice) => (Answer::Text(advice.to_owned()), true),
                None => {
                    self.log("ERROR", "tool failed", call, json!({"error": error.kind()}));
                    return Err(error);
                }
            },
        };
        result::packed(call, answer, is_error).await
    }

    fn log(&self, level: &str, message: &str, call: &Call, outcome: Value) {
        let line = json!({
            "time": OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            "level": level,
            "msg": message,
            "service": self.function,
            "tool": call.name,
            "agent": call.agent,
            "run_id": call.run_id,
            "turn": call.turn,
            "effect_id": call.effect_id,
            "outcome": outcome,
        });
        println!("{line}");
    }
}

fn names<T>(table: &BTreeMap<String, T>) -> Vec<String> {
    table.keys().cloned().collect()
}

fn ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// When a tool must have ended, so that its answer can still be stored and sent. Lambda tells the time in Unix ms.
fn ends(deadline_ms: u64) -> SystemTime {
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(deadline_ms);
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    end - MARGIN.min(left / 5)
}
