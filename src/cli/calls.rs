//! `calls`: calls by hand as columns for people, or as JSON lines and CSV for programs.

use std::{io::Write, path::Path};

use super::{
    args::{CallsArgs, CallsFormat, Common},
    look::Look,
    message,
    out::{stdout, stdout_error, styled_stdout},
    table::{PrintedCell, PrintedColumn, TextTable},
};
use crate::{
    error::{Error, Result},
    model::{
        call::{Call, CallQuery, Stretch},
        format,
        time_words::{self, EXAMPLES},
    },
    services::{
        calls::{self, CallFormat, CallLine},
        lab::Lab,
    },
    signals,
    style::Role,
};

pub fn run(lab: &Lab, common: &Common, args: &CallsArgs) -> Result<()> {
    let since = args.since.as_deref().map(|words| read_time(lab, "--since", words)).transpose()?;
    let until = args.until.as_deref().map(|words| read_time(lab, "--until", words)).transpose()?;
    let began = Stretch {
        since: since.and_then(|stretch| stretch.since),
        until: until.and_then(|stretch| stretch.until),
    };
    let query = CallQuery { began, words: String::new() };
    match args.format {
        CallsFormat::Table if !args.json => people(lab, common, &query),
        CallsFormat::Csv => programs(lab, &query, CallFormat::Csv),
        CallsFormat::Table | CallsFormat::Jsonl => programs(lab, &query, CallFormat::JsonLines),
    }
}

/// A time that an option has.
pub fn read_time(lab: &Lab, option: &str, words: &str) -> Result<Stretch> {
    let wrong = || Error::Usage(format!("{option} {words:?} is no time; give one like {EXAMPLES}"));
    time_words::read(words, lab.now()).ok_or_else(wrong)
}

fn programs(lab: &Lab, query: &CallQuery, form: CallFormat) -> Result<()> {
    let mut out = stdout()?;
    calls::write(lab, query, form, (&mut out, Path::new("stdout")), &mut signals::cx())?;
    out.finish().map(|_| ())
}

const COLUMNS: [PrintedColumn; 6] = [
    PrintedColumn::right("id").gives_way(2),
    PrintedColumn::left("started"),
    PrintedColumn::left("method").cut_to(16),
    PrintedColumn::left("arguments").gives_way(3).cut_to(12),
    PrintedColumn::right("took").gives_way(1),
    PrintedColumn::left("result or error").cut_to(12),
];

fn people(lab: &Lab, common: &Common, query: &CallQuery) -> Result<()> {
    let look = Look::of(common);
    let mut table = TextTable::new(&COLUMNS, look);
    let now = lab.now();
    let cells = |call: &Call| {
        // On a terminal no more is seen than the beginnings.
        let line = if look.room.is_some() { CallLine::of(call) } else { CallLine::whole(call) };
        let took = line.took().map(format::duration_short).unwrap_or_default();
        let result = match line.error {
            Some(error) => PrintedCell::new(error, Role::Failed),
            None => line.result.into(),
        };
        [
            line.id.to_string().into(),
            line.start.at().map(|at| format::clock(at, now)).unwrap_or_else(|| line.start.python()).into(),
            line.method.into(),
            line.arguments.into(),
            took.into(),
            result,
        ]
    };
    let mut rows = 0_u64;
    calls::each(lab, query, &mut signals::cx(), |call| {
        rows += 1;
        table.measure(&cells(call));
        Ok(())
    })?;
    if rows == 0 {
        let folder = lab.folder().display();
        let all = calls::count(lab, &mut signals::cx())?;
        message(&match all {
            0 => format!("{folder}: no calls by hand"),
            all => format!(
                "{folder}: none of the {} began then",
                format::count_of(all, "call by hand", "calls by hand")
            ),
        });
        return Ok(());
    }
    // Read again rather than held: there may be a million. What came meanwhile is not shown.
    let mut out = styled_stdout()?;
    let layout = table.layout();
    out.write_all(table.titles(&layout).as_bytes()).map_err(stdout_error)?;
    calls::each(lab, query, &mut signals::cx(), |call| {
        out.write_all(table.laid_out(&cells(call), &layout).as_bytes()).map_err(stdout_error)
    })?;
    out.flush().map_err(stdout_error)
}
