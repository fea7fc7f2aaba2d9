//! Reads series from CSV text: a row per series, `ticker,v1,v2,...`, no header line, all rows as long as the first.
//!
//! An empty cell is a gap. A gap takes the last value before it, at the beginning the first value after it: prices stand
//! until the next trade. What cannot be read is told to the model with row and column, counted from 1 as in the file.

use std::collections::HashSet;

use stepsmith::ToolError;

/// HDBSCAN tells clusters from each other by density: with fewer than this there is nothing to tell.
const LEAST_SERIES: usize = 3;
const LEAST_VALUES: usize = 2;
/// Distances between all pairs are kept: 200 MB for so many.
const MOST_SERIES: usize = 5_000;

#[derive(Debug, PartialEq)]
pub struct Series {
    pub ticker: String,
    pub values: Vec<f64>,
}

/// The series of a file. A [`ToolError`] says what about the file is wrong.
pub fn parse(csv: &[u8]) -> Result<Vec<Series>, ToolError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv);
    let mut series: Vec<Series> = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| ToolError(format!("The file is no CSV text: {error}.")))?;
        series.push(row(&record, index + 1)?);
        check_length(&series)?;
    }
    check_all(&series)?;
    Ok(series)
}

fn row(record: &csv::StringRecord, number: usize) -> Result<Series, ToolError> {
    let mut cells = record.iter().map(str::trim);
    let ticker = cells.next().unwrap_or_default().to_owned();
    let place = |column: usize| format!("Row {number} ({ticker}), column {}", column + 2);
    let values = cells.enumerate().map(|(column, cell)| value(cell).map_err(|problem| problem.at(&place(column))));
    match filled(&values.collect::<Result<Vec<_>, _>>()?) {
        Some(values) => Ok(Series { ticker, values }),
        None => Err(ToolError(format!("Row {number} ({ticker}) has no numbers. Leave this series out."))),
    }
}

struct NoNumber(String);

impl NoNumber {
    fn at(self, place: &str) -> ToolError {
        let advice =
            "Give ticker,v1,v2,... in each row, without a header line; leave a cell empty where a value is missing.";
        ToolError(format!("{place}: {:?} is no number. {advice}", self.0.chars().take(40).collect::<String>()))
    }
}

/// A cell's number, or nothing where it is empty.
fn value(cell: &str) -> Result<Option<f64>, NoNumber> {
    if cell.is_empty() {
        return Ok(None);
    }
    let number = cell.parse().ok().filter(|number: &f64| number.is_finite());
    number.map(Some).ok_or_else(|| NoNumber(cell.to_owned()))
}

/// Values without gaps; nothing where there is no value at all.
fn filled(values: &[Option<f64>]) -> Option<Vec<f64>> {
    let mut last = *values.iter().flatten().next()?;
    let standing = values.iter().map(|value| {
        last = value.unwrap_or(last);
        last
    });
    Some(standing.collect())
}

fn check_length(series: &[Series]) -> Result<(), ToolError> {
    let [first, .., last] = series else { return Ok(()) };
    if first.values.len() == last.values.len() {
        return Ok(());
    }
    Err(ToolError(format!(
        "The rows are not equally long: row 1 ({}) has {} values, row {} ({}) has {}. Give each series the same days, with \
         empty cells where a value is missing.",
        first.ticker,
        first.values.len(),
        series.len(),
        last.ticker,
        last.values.len(),
    )))
}

fn check_all(series: &[Series]) -> Result<(), ToolError> {
    let values = series.first().map_or(0, |first| first.values.len());
    let mut tickers = HashSet::new();
    let advice = if series.len() < LEAST_SERIES {
        format!("The file has {} series; at least {LEAST_SERIES} are needed to find clusters.", series.len())
    } else if series.len() > MOST_SERIES {
        format!("The file has {} series; at most {MOST_SERIES} can be compared at once.", series.len())
    } else if values < LEAST_VALUES {
        format!("The series have {values} value each; at least {LEAST_VALUES} are needed. Ask for more days.")
    } else if let Some(twice) = series.iter().find(|each| !tickers.insert(&each.ticker)) {
        format!("The ticker {:?} is there twice. Give each series once.", twice.ticker)
    } else {
        return Ok(());
    };
    Err(ToolError(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(csv: &str) -> Vec<Vec<f64>> {
        parse(csv.as_bytes()).unwrap().into_iter().map(|each| each.values).collect()
    }

    fn advice(csv: &str) -> String {
        parse(csv.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_row_is_a_ticker_and_its_values() {
        let series = parse(b"A,1,2.5\r\nB, -1e3 ,0\n\"C,D\",3,4").unwrap();
        assert_eq!(series[2], Series { ticker: "C,D".to_owned(), values: vec![3.0, 4.0] });
        assert_eq!(series[1].values, [-1000.0, 0.0]);
    }

    #[test]
    fn a_gap_takes_the_value_before_it_or_the_first() {
        assert_eq!(values("A,,1,,3,\nB,1,2,3,4,5\nC,1,2,3,4,5")[0], [1.0, 1.0, 1.0, 3.0, 3.0]);
    }

    #[test]
    fn what_is_no_number_is_told_with_its_place() {
        assert!(advice("ticker,2024-01-01\nA,1\nB,2").starts_with("Row 1 (ticker), column 2: \"2024-01-01\""));
        assert!(advice("A,1,NaN\nB,1,2\nC,1,2").contains("Row 1 (A), column 3"));
        assert!(advice("A,1,inf\nB,1,2\nC,1,2").contains("\"inf\" is no number"));
    }

    #[test]
    fn a_series_without_numbers_is_told_by_its_ticker() {
        assert!(advice("A,1,2\nB,,\nC,1,2").contains("Row 2 (B) has no numbers"));
        assert!(advice("A\nB\nC").contains("Row 1 (A) has no numbers"));
    }

    #[test]
    fn rows_of_other_length_are_told_by_their_tickers() {
        let advice = advice("A,1,2\nB,1,2\nC,1,2,3");
        assert!(advice.contains("row 1 (A) has 2 values, row 3 (C) has 3"), "{advice}");
    }

    #[test]
    fn too_few_series_or_values_or_one_twice_are_told() {
        assert!(advice("").contains("The file has 0 series; at least 3"));
        assert!(advice("A,1,2\nB,1,2").contains("The file has 2 series"));
        assert!(advice("A,1\nB,2\nC,3").contains("at least 2 are needed"));
        assert!(advice("A,1,2\nB,2,3\nA,3,4").contains("\"A\" is there twice"));
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        assert!(parse(b"A,1,\xff\n").unwrap_err().to_string().contains("no CSV text"));
    }
}
