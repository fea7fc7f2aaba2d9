//! The cases that the kits of all languages must pass; README.md beside them explains them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use stepsmith::{Answer, Call, Error, File, Forbidden, Function, Objects, Server, Table, ToolError, tool};

const CASES: &str = "../../../tests/contracts/tool_calls";

type Stored = BTreeMap<String, Vec<u8>>;

/// A store that refuses to read what the second field names.
struct Memory(Mutex<Stored>, Vec<Value>);

impl Objects for Memory {
    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Error> {
        if self.1.contains(&json!(format!("s3://{bucket}/{key}"))) {
            return Err(Forbidden.into());
        }
        Ok(self.0.lock().unwrap().get(&format!("s3://{bucket}/{key}")).cloned())
    }

    fn put(&self, bucket: &str, key: &str, data: Vec<u8>, _media_type: &str) -> Result<(), Error> {
        self.0.lock().unwrap().insert(format!("s3://{bucket}/{key}"), data);
        Ok(())
    }
}

#[derive(Deserialize)]
struct Echo {
    text: String,
    times: Option<usize>,
}

async fn echo(input: Echo, _call: Call) -> Result<String, Error> {
    Ok(input.text.repeat(input.times.unwrap_or(1)))
}

#[derive(Deserialize)]
struct Data {
    value: Value,
}

async fn data(input: Data, _call: Call) -> Result<Value, Error> {
    Ok(input.value)
}

#[derive(Deserialize)]
struct Repeated {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    repeat: Option<usize>,
}

async fn table(input: Repeated, _call: Call) -> Result<Table, Error> {
    let rows = vec![input.rows; input.repeat.unwrap_or(1)].concat();
    Ok(Table { columns: input.columns, rows, ..Table::default() })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Uri { file: String },
    Key { bucket: String, key: String },
}

async fn read(input: Reference, call: Call) -> Result<String, Error> {
    let data = match input {
        Reference::Uri { file } => call.read(&file).await?,
        Reference::Key { bucket, key } => call.read_key(&bucket, &key).await?,
    };
    Ok(String::from_utf8(data)?)
}

#[derive(Deserialize)]
struct Drawing {
    name: String,
    base64: String,
}

async fn draw(input: Drawing, _call: Call) -> Result<Answer, Error> {
    let data = BASE64_STANDARD.decode(input.base64)?;
    Ok(Answer::Picture(File { name: input.name, data, media_type: "image/png".to_owned() }))
}

#[derive(Deserialize)]
struct Refusal {
    advice: String,
}

async fn refuse(input: Refusal, _call: Call) -> Result<String, Error> {
    Err(ToolError(input.advice).into())
}

#[derive(Deserialize)]
struct Nothing {}

async fn crash(_input: Nothing, _call: Call) -> Result<String, Error> {
    Err(std::io::Error::other("a bug").into())
}

fn tools() -> [(&'static str, Function); 7] {
    [
        ("echo", tool(echo)),
        ("data", tool(data)),
        ("table", tool(table)),
        ("read", tool(read)),
        ("draw", tool(draw)),
        ("refuse", tool(refuse)),
        ("crash", tool(crash)),
    ]
}

#[tokio::test]
async fn the_kit_answers_as_the_cases_say() {
    for group in ["results", "spilled", "references", "errors", "malformed"] {
        let cases = from_file(&format!("{group}.json"));
        for case in cases["cases"].as_array().unwrap() {
            println!("{group}: {}", case["name"]); // Shown of the case that fails.
            check(case).await;
        }
    }
}

async fn check(case: &Value) {
    let before = objects(case);
    let forbidden = case["forbidden"].as_array().cloned().unwrap_or_default();
    let store = Arc::new(Memory(Mutex::new(before.clone()), forbidden));
    let description = fs::read_to_string(format!("{CASES}/tool.json")).unwrap();
    let server = Server::new(&description, tools(), Arc::clone(&store) as Arc<dyn Objects>).unwrap();
    let event = filled(&case["event"]);
    let end = SystemTime::now() + Duration::from_secs(30);
    match (server.invoke(&event.to_string(), end).await, case.get("error")) {
        (Err(error), Some(expected)) => check_error(expected, &error),
        (Ok(text), None) => check_result(&case["result"], &text, &event),
        (outcome, _) => panic!("{outcome:?}"),
    }
    let stored = store.0.lock().unwrap().clone();
    check_stored(case["stored"].as_object().unwrap(), &before, &stored);
}

fn check_error(expected: &Value, error: &Error) {
    assert!(matches(&expected["message"], &json!(error.to_string())), "{error:?}");
    if let Some(kind) = expected["type"].as_str() {
        assert_eq!(kind, error.kind());
    }
}

fn check_result(expected: &Value, text: &str, event: &Value) {
    let result: Value = serde_json::from_str(text).unwrap();
    assert!(matches(expected, &result), "{text}\nis not as expected:\n{expected}");
    assert_eq!((&result["tool_use_id"], &result["name"]), (&event["id"], &event["name"]));
    assert!(text.len() as u64 <= event["context"]["max_result_bytes"].as_u64().unwrap(), "{} bytes", text.len());
}

fn check_stored(expected: &serde_json::Map<String, Value>, before: &Stored, stored: &Stored) {
    let new: Stored = stored.iter().filter(|(uri, data)| before.get(*uri) != Some(data)).map(owned).collect();
    assert!(new.keys().eq(expected.keys().collect::<std::collections::BTreeSet<_>>()), "{:?}", new.keys());
    for (uri, data) in new {
        let actual = match &expected[&uri] {
            Value::Object(described) if described.contains_key("base64") => {
                json!({"base64": BASE64_STANDARD.encode(&data)})
            }
            Value::Object(_) => json!({"json": serde_json::from_slice::<Value>(&data).unwrap()}),
            _ => json!(String::from_utf8(data).unwrap()),
        };
        assert!(matches(&expected[&uri], &actual), "stored {uri}: {actual}");
    }
}

fn owned((uri, data): (&String, &Vec<u8>)) -> (String, Vec<u8>) {
    (uri.clone(), data.clone())
}

/// Whether a value is as expected; strings may be described (README.md).
fn matches(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(any), _) if any == "$any" => true,
        (Value::Object(described), Value::String(text)) => is_described(described, text),
        (Value::Object(fields), Value::Object(given)) => {
            let fits = |(name, each): (&String, &Value)| given.get(name).is_some_and(|value| matches(each, value));
            fields.len() == given.len() && fields.iter().all(fits)
        }
        (Value::Array(items), Value::Array(given)) => {
            items.len() == given.len() && items.iter().zip(given).all(|(each, value)| matches(each, value))
        }
        _ => expected == actual,
    }
}

fn is_described(described: &serde_json::Map<String, Value>, text: &str) -> bool {
    if let Some(value) = described.get("$json") {
        return serde_json::from_str(text).is_ok_and(|actual| matches(value, &actual));
    }
    let start = described.get("$starts").and_then(Value::as_str).unwrap_or_default();
    let parts = described.get("$contains").and_then(Value::as_array).cloned().unwrap_or_default();
    let known = described.contains_key("$starts") || described.contains_key("$contains");
    known && text.starts_with(start) && parts.iter().all(|part| text.contains(part.as_str().unwrap()))
}

fn filled(event: &Value) -> Value {
    let mut event = event.clone();
    if let Some(given) = event.get("context").and_then(Value::as_object).cloned() {
        let mut context = from_file("context.json");
        context.as_object_mut().unwrap().extend(given);
        event["context"] = context;
    }
    event
}

fn objects(case: &Value) -> Stored {
    let given = case.get("objects").and_then(Value::as_object).cloned().unwrap_or_default();
    given.into_iter().map(|(uri, text)| (uri, text.as_str().unwrap().into())).collect()
}

fn from_file(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(format!("{CASES}/{name}")).unwrap()).unwrap()
}
