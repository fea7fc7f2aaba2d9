//! An object of the artifact store, or a prefix of objects, in plain spelling: no `%`, no empty, `.` or `..` step.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub bucket: String,
    pub key: String,
}

impl Location {
    pub fn parse(uri: &str) -> Option<Self> {
        let (bucket, key) = uri.strip_prefix("s3://")?.split_once('/')?;
        let steps = key.strip_suffix('/').unwrap_or(key).split('/');
        let plain = is_bucket(bucket) && !key.contains(is_unplain);
        let at = Self { bucket: bucket.to_owned(), key: key.to_owned() };
        (plain && steps.into_iter().all(|step| !["", ".", ".."].contains(&step))).then_some(at)
    }

    pub fn is_prefix(&self) -> bool {
        self.key.ends_with('/')
    }

    /// Whether it is an object below a prefix.
    pub fn is_under(&self, prefix: &Self) -> bool {
        self.bucket == prefix.bucket && self.key.starts_with(&prefix.key) && !self.is_prefix()
    }

    /// The object of that name below this prefix.
    pub fn child(&self, name: &str) -> Self {
        Self { bucket: self.bucket.clone(), key: format!("{}{name}", self.key) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Characters that a plain reference cannot hold.
pub fn is_unplain(character: char) -> bool {
    matches!(character, '%' | '?' | '#' | '\\' | '\0'..='\x1f' | '\x7f')
}

fn is_bucket(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain)
}
