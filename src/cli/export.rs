//! The exports as commands: to stdout, to the file that -o names, or here under IvoryOS's own name with -O.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use base64::Engine as _;

use super::{
    args::{CliCommand, Common, Output},
    message,
    out::print,
};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    formats::{
        chart::Chart,
        json::{JsonWriter, Layout},
        text_chart,
    },
    model::{run::Run, sanitize::sanitize},
    output::{Sink, Target},
    services::{
        chart,
        export::{self, Outlet},
        export_kind::ExportKind,
        files,
        lab::Lab,
        optimizer::{self, PlotsContent},
        paths,
    },
    signals,
};

pub fn run(lab: &Lab, common: &Common, command: &CliCommand) -> Result<()> {
    match command {
        CliCommand::Steps { id, output } => one(lab, *id, ExportKind::StepsCsv, output),
        CliCommand::Data { id, output } => one(lab, *id, ExportKind::DataCsv, output),
        CliCommand::Log { id, output } => one(lab, *id, ExportKind::Log, output),
        CliCommand::Plot { id, json: true, output, .. } => one(lab, *id, ExportKind::PlotJson, output),
        CliCommand::Plot { id, svg: true, output, .. } => one(lab, *id, ExportKind::ChartSvg, output),
        CliCommand::Plot { id, output, .. } => chart_for_people(lab, common, *id, output),
        CliCommand::Plots { id, json: false, output } => one(lab, *id, ExportKind::OptimizerPlots, output),
        CliCommand::Plots { id, output, .. } => plots_json(lab, *id, output),
        CliCommand::File { name, output } => file(lab, name, output),
        _ => Ok(()),
    }
}

fn one(lab: &Lab, id: i64, kind: ExportKind, output: &Output) -> Result<()> {
    let run = lab.run(id, &signals::cx())?;
    // What is missing is said before a file is made, and binary before a terminal is filled with it.
    let name = files::export_name(lab, &run, kind);
    let picture = kind == ExportKind::OptimizerPlots && name.ends_with(".png");
    deliver(lab, output, &name, picture, |outlet, cx| export::write(lab, &run, kind, outlet, cx))
}

fn file(lab: &Lab, name: &str, output: &Output) -> Result<()> {
    let file = paths::result_file(lab, name)?;
    let own = file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let binary = export::looks_binary(&file)?;
    deliver(lab, output, &own, binary, |outlet, cx| export::copy(&file, outlet, cx))
}

/// As IvoryOS's route gives them: `{"type": "html", "plots": {...}}` or `{"type": "image", "data": base64}`.
fn plots_json(lab: &Lab, id: i64, output: &Output) -> Result<()> {
    let run = lab.run(id, &signals::cx())?;
    let plots = optimizer::read(lab, &run)?;
    let picture = match &plots.content {
        PlotsContent::Picture if plots.file.size <= optimizer::MOST => {
            Some(plots.file.read_at(0, optimizer::MOST)?)
        }
        PlotsContent::Picture | PlotsContent::Large => return Err(plots.too_large(&run)),
        PlotsContent::Pieces(_) => None,
    };
    let name = (ExportKind::OptimizerPlots.describe().file_name)(&run);
    deliver(lab, output, &name, false, |outlet, _| {
        let target = &outlet.target;
        let written = match (&plots.content, picture) {
            (PlotsContent::Pieces(pieces), _) => {
                write_plots(&mut outlet.out, "html", "plots", |json| json.dict(pieces))
            }
            (_, picture) => {
                let data = base64::engine::general_purpose::STANDARD.encode(picture.unwrap_or_default());
                write_plots(&mut outlet.out, "image", "data", |json| json.string(&data))
            }
        };
        written.map_err(Error::io(target))
    })
}

/// A dict of the plots' type and, under a key, the plots as `value` writes them.
fn write_plots<W: Write>(
    out: W,
    kind: &str,
    key: &str,
    value: impl FnOnce(&mut JsonWriter<W>) -> io::Result<()>,
) -> io::Result<()> {
    let mut json = JsonWriter::new(out, Layout::Line);
    json.begin_dict()?;
    json.entry("type", |json| json.string(kind))?;
    json.entry(key, value)?;
    json.end_dict()?;
    json.finish().map(|_| ())
}

/// The size of a text chart where nobody says how wide the terminal is.
const WIDTH: usize = 80;
const HEIGHT: usize = 12;

fn chart_for_people(lab: &Lab, common: &Common, id: i64, output: &Output) -> Result<()> {
    let run = lab.run(id, &signals::cx())?;
    let text = text_chart(lab, &run, common.plain())?;
    if output.output.is_none() && !output.own_name {
        return print(&text);
    }
    let name = files::export_name(lab, &run, ExportKind::PlotJson).replace(".json", ".txt");
    deliver(lab, output, &name, false, |outlet, _| outlet.all(text.as_bytes()))
}

/// All numeric outputs of a record as a text chart.
pub fn text_chart(lab: &Lab, run: &Run, plain: bool) -> Result<String> {
    let series = chart::series(lab, run.id, &mut signals::cx())?.value;
    let width = crossterm::terminal::size().map_or(WIDTH, |(w, _)| usize::from(w).clamp(40, 160));
    let mut text = format!("#{} {}\n", run.id, sanitize(&run.name));
    for one in &series {
        text.push('\n');
        text.push_str(&text_chart::text_chart(&Chart::over_iterations(one), width, HEIGHT, plain));
    }
    Ok(text)
}

/// Gives what `write` writes to where the options say.
pub fn deliver(
    lab: &Lab,
    output: &Output,
    own_name: &str,
    binary: bool,
    write: impl FnOnce(&mut Outlet<'_>, &mut Cx<'_>) -> Result<()>,
) -> Result<()> {
    let target = match &output.output {
        Some(path) => Target::named(path, output.overwrite),
        None if output.own_name => Target::Free { folder: PathBuf::from("."), name: own_name.to_owned() },
        None => Target::Stdout,
    };
    if target != Target::Stdout {
        lab.refuse_own_folder(&target.shown())?;
    }
    let mut sink = Sink::open(&target)?.cancelled_by(signals::cancel());
    if binary && sink.is_terminal() {
        return Err(Error::Refused(format!(
            "{own_name} is binary and would garble the terminal; give -O, -o FILE or a pipe"
        )));
    }
    let mut outlet = Outlet::new(&mut sink, target.shown());
    write(&mut outlet, &mut signals::cx())?;
    outlet.finish().iter().for_each(|note| message(note));
    let written = sink.finish()?;
    if let (Some(path), true) = (&written.path, output.own_name) {
        message(&format!("{} ({} bytes)", path.display(), written.bytes));
    }
    if written.cut {
        message("the name was too long for a file and was cut");
    }
    Ok(())
}
