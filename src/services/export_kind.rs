//! What can be exported of a record: the one table that menus, commands and file lists read.

use strum::VariantArray;

use super::{data_file::DataFile, lab::Lab, optimizer, paths};
use crate::{error::Result, formats::file_names, model::run::Run};

/// What can be exported of a record, in the order of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum ExportKind {
    StepsCsv,
    DataCsv,
    PlotJson,
    ChartSvg,
    Log,
    ResultFile,
    OptimizerPlots,
    /// Why it failed, as Markdown.
    Why,
    /// All that there is, into one folder.
    Everything,
}

/// Where an export comes from.
#[derive(Debug, Clone, Copy)]
pub enum ExportOrigin {
    Made(MadeExport),
    /// It is a file of the data folder, found by this.
    OnDisk(fn(&Lab, &Run) -> Result<DataFile>),
    /// It is a folder with all the others.
    Folder,
}

/// What is made when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeExport {
    StepsCsv,
    DataCsv,
    PlotJson,
    ChartSvg,
    Why,
}

/// What an export is to people, and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct ExportDescription {
    /// Typed behind `:export`.
    pub word: &'static str,
    /// Chooses it in the menu.
    pub letter: char,
    /// Its name for people.
    pub title: &'static str,
    /// The name of its file, as the data has it: it is made safe when a file is made.
    pub file_name: fn(&Run) -> String,
    pub origin: ExportOrigin,
    /// Where it stands in the list of a record's files, from 0.
    pub listed: Option<u8>,
}

impl ExportKind {
    pub fn describe(self) -> ExportDescription {
        use ExportOrigin::{Folder, Made, OnDisk};
        use file_names as name;
        type FileName = fn(&Run) -> String;
        let (word, letter, title, file_name, origin, listed): (_, _, _, FileName, _, _) = match self {
            Self::StepsCsv => {
                ("steps", 's', "steps CSV", name::steps_csv, Made(MadeExport::StepsCsv), Some(1))
            }
            Self::DataCsv => ("data", 'd', "data CSV", name::data_csv, Made(MadeExport::DataCsv), Some(0)),
            Self::PlotJson => {
                ("plot", 'p', "plot JSON", name::plot_json, Made(MadeExport::PlotJson), Some(2))
            }
            Self::ChartSvg => {
                ("chart", 'c', "chart SVG", name::plot_svg, Made(MadeExport::ChartSvg), Some(3))
            }
            Self::Log => ("log", 'l', "log", log_name, OnDisk(paths::existing_log), Some(4)),
            Self::ResultFile => {
                ("result", 'r', "result file", result_name, OnDisk(paths::existing_result), Some(5))
            }
            Self::OptimizerPlots => {
                ("plots", 'o', "optimizer plots", name::plots_json, OnDisk(optimizer::file), Some(6))
            }
            Self::Why => ("why", 'w', "reason as Markdown", name::why_md, Made(MadeExport::Why), None),
            Self::Everything => ("all", 'a', "everything", name::stem, Folder, None),
        };
        ExportDescription { word, letter, title, file_name, origin, listed }
    }

    /// The name for people: `steps CSV`.
    pub fn title(self) -> &'static str {
        self.describe().title
    }

    /// The words behind `:export`.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::VARIANTS.iter().map(|kind| kind.describe().word)
    }

    /// The kinds that are one file each, in the order of the list of a record's files.
    pub fn listed() -> Vec<Self> {
        let mut listed: Vec<Self> = Self::VARIANTS.to_vec();
        listed.retain(|kind| kind.describe().listed.is_some());
        listed.sort_by_key(|kind| kind.describe().listed);
        listed
    }
}

fn log_name(run: &Run) -> String {
    file_names::log(run).unwrap_or_else(|| format!("{}.log", file_names::stem(run)))
}

fn result_name(run: &Run) -> String {
    run.data_path.clone().unwrap_or_else(|| file_names::data_csv(run))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_letters_and_places_are_unique() {
        let all = || ExportKind::VARIANTS.iter().map(|kind| kind.describe());
        assert_eq!(all().map(|one| one.word).collect::<HashSet<_>>().len(), ExportKind::VARIANTS.len());
        assert_eq!(all().map(|one| one.letter).collect::<HashSet<_>>().len(), ExportKind::VARIANTS.len());
        let places: Vec<_> = ExportKind::listed().iter().filter_map(|kind| kind.describe().listed).collect();
        assert_eq!(places, (0..7).collect::<Vec<_>>());
    }
}
