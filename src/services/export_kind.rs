//! What can be exported of a record.

/// What can be exported of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportKind {
    StepsCsv,
    DataCsv,
    PlotJson,
    ChartSvg,
    Log,
    ResultFile,
    OptimizerPlots,
    /// All that there is, into one folder.
    Everything,
}
