//! An answer as a `tool_result` within its budget, counted as it is sent: UTF-8 bytes of its JSON.
//!
//! Pictures and files always go to the artifact store and cost a reference; the texts share what remains, in order. A text
//! over its share is stored whole, as `<tool>.txt` or `<tool>.json`, and in its place stand a preview, the size and the
//! URI.

use std::collections::HashSet;

use serde::Serialize;

use crate::{Answer, Call, Error, File, Table, table};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text { text: String },
    Image { uri: String, media_type: String, title: String },
    File { uri: String, media_type: String, title: String },
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "tool_result")]
struct ToolResult<'a> {
    tool_use_id: &'a str,
    name: &'a str,
    content: Vec<Block>,
    is_error: bool,
}

/// The JSON text of the result of `call`.
pub async fn packed(call: &Call, answer: Answer, is_error: bool) -> Result<String, Error> {
    let mut result = ToolResult { tool_use_id: &call.id, name: &call.name, content: Vec::new(), is_error };
    let mut store = Store { call, names: HashSet::new() };
    let mut parts = Vec::new();
    for part in answer.parts() {
        parts.push(store.kept(part).await?);
    }
    let kept = parts.iter().filter_map(|part| part.as_ref().ok()).map(size).sum::<isize>();
    let mut texts = parts.iter().filter(|part| part.is_err()).count() as isize;
    let commas = parts.len() as isize - texts;
    let mut room = isize::try_from(call.max_result_bytes).unwrap_or(isize::MAX) - size(&result) - kept - commas;
    for part in parts {
        match part {
            Ok(block) => result.content.push(block),
            Err(part) => {
                let told = store.told(part, room / texts).await?;
                room -= told.iter().map(|block| size(block) + 1).sum::<isize>();
                texts -= 1;
                result.content.extend(told);
            }
        }
    }
    Ok(serde_json::to_string(&result)?)
}

/// Keeps the files of one answer: each name once.
struct Store<'a> {
    call: &'a Call,
    names: HashSet<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("two files of one answer are called {0:?}; give each its own name")]
struct NameTwice(String);

impl Store<'_> {
    /// The reference of a part that is a file, or the part.
    async fn kept(&mut self, part: Answer) -> Result<Result<Block, Answer>, Error> {
        match part {
            Answer::Picture(file) => {
                let (media_type, title) = (file.media_type.clone(), file.name.clone());
                Ok(Ok(Block::Image { uri: self.put(file).await?, media_type, title }))
            }
            Answer::File(file) => Ok(Ok(self.file(file).await?.0)),
            part => Ok(Err(part)),
        }
    }

    /// A part's text in at most `room` bytes, and its file where it does not fit.
    async fn told(&mut self, part: Answer, room: isize) -> Result<Vec<Block>, Error> {
        match part {
            Answer::Text(text) => self.text(text, "txt", TEXT, room).await,
            Answer::Json(value) => self.text(value.to_string(), "json", JSON, room).await,
            Answer::Table(table) => self.table(&table, room).await,
            Answer::Picture(_) | Answer::File(_) | Answer::Parts(_) => unreachable!("these have become blocks before"),
        }
    }

    async fn text(&mut self, text: String, suffix: &str, media_type: &str, room: isize) -> Result<Vec<Block>, Error> {
        let whole = text_block(text.clone());
        if size(&whole) <= room {
            return Ok(vec![whole]);
        }
        let bytes = thousands(text.len());
        let (file, uri) = self.spilled(suffix, &text, media_type).await?;
        let note = format!("\n\n[Cut here: this text has {bytes} bytes. All of it is in {uri}]");
        let left = room - size(&file) - size(&text_block(note.clone())) - 1;
        Ok(vec![text_block(fitting(&text, left).to_owned() + &note), file])
    }

    async fn table(&mut self, table: &Table, room: isize) -> Result<Vec<Block>, Error> {
        let text = table::whole(table);
        let whole = text_block(text.clone());
        if table.rows.len() <= table::PAGE && size(&whole) <= room {
            return Ok(vec![whole]);
        }
        let (file, uri) = self.spilled("json", &text, JSON).await?;
        let left = room - size(&file) - size(&text_block(String::new())) - 1;
        Ok(vec![text_block(table::page(table, &uri, left)), file])
    }

    async fn spilled(&mut self, suffix: &str, text: &str, media_type: &str) -> Result<(Block, String), Error> {
        let name = format!("{}.{suffix}", self.call.name);
        self.file(File { name, data: text.into(), media_type: media_type.to_owned() }).await
    }

    async fn file(&mut self, file: File) -> Result<(Block, String), Error> {
        let (media_type, title) = (file.media_type.clone(), file.name.clone());
        let uri = self.put(file).await?;
        Ok((Block::File { uri: uri.clone(), media_type, title }, uri))
    }

    async fn put(&mut self, file: File) -> Result<String, Error> {
        let at = self.call.place(&file.name)?;
        if !self.names.insert(at.key.clone()) {
            return Err(NameTwice(file.name).into());
        }
        self.call.store(&at, file.data, &file.media_type).await?;
        Ok(at.to_string())
    }
}

fn text_block(text: String) -> Block {
    Block::Text { text }
}

/// Bytes of a value's JSON. Nothing here can fail to be JSON.
fn size(value: &impl Serialize) -> isize {
    serde_json::to_string(value).map_or(isize::MAX, |text| text.len() as isize)
}

/// Bytes of a text inside a JSON string.
pub fn escaped(text: &str) -> isize {
    text.chars().map(width).sum()
}

fn width(character: char) -> isize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\x08' | '\x0c' => 2,
        '\0'..='\x1f' => 6,
        _ => character.len_utf8() as isize,
    }
}

/// The longest beginning of `text` that takes at most `room` bytes inside a JSON string.
fn fitting(text: &str, mut room: isize) -> &str {
    let end = text.char_indices().find(|(_, character)| {
        room -= width(*character);
        room < 0
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// 10000 as 10,000.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
