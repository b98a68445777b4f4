//! `demo` where there is no terminal: the list, one record and its chart as text, and how to open the screens.

use super::{args::Common, export::text_chart, list, out::print, show};
use crate::{
    error::Result,
    model::query::ListQuery,
    services::{lab::Lab, overview, records},
    signals,
};

/// Prints what the screens would show of a made-up lab.
pub fn without_terminal(lab: &Lab, common: &Common) -> Result<()> {
    list::people(lab, common, &ListQuery::default(), 0, 20)?;
    let rows = records::rows(lab, &ListQuery::default(), (0, 1_000), &mut signals::cx())?;
    // A record worth a look: one with a long chart.
    let mut best = None;
    for row in &rows {
        let overview = overview::overview(lab, row.run.id, true, &mut signals::cx())?.value;
        let points = overview.outputs.iter().map(|o| o.series.points.len()).max().unwrap_or(0);
        if best.as_ref().is_none_or(|(most, _)| points > *most) {
            best = Some((points, overview));
        }
    }
    if let Some((_, overview)) = best {
        print(&format!("\n{}\n", show::text(lab, &overview, common.plain())))?;
        print(&text_chart(lab, &overview.row.run, common.plain())?)?;
    }
    print(
        "\nThis is a made-up lab. To open the screens run `ivorylens demo` in a terminal;\nfor a real one `ivorylens PATH`, or `ivorylens --help` for all commands.\n",
    )
}
