//! Tab 5: the record's numeric outputs, as a list of sparklines or one of them as one chart.

mod keys;
mod list;
mod one_chart;
mod search;
#[cfg(test)]
mod tests;
mod view;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::word_search::WordSearch;
use crate::{
    error::Result,
    formats::number::{figures, stored},
    model::{
        downsample::Downsampled,
        series::{Series, Stats},
    },
    services::{
        chart::{self, OutputName},
        moment::Moment,
        request::{Answer, Ask, Slot},
    },
    style::Theme,
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{Aim, CopyItem, Effect, Goto, Input, ScreenCx, Tab},
        screens::loadable::Loadable,
        tab::TabId,
        widgets::scroll::Scroll,
    },
};
use list::OutputList;
use one_chart::{ChartSize, OneChart};

#[derive(Debug, Default)]
pub(super) struct ChartsTab {
    run: i64,
    /// Results first, then parameters.
    outputs: Loadable<chart::Charts>,
    requests: Requests,
    /// All of the record is on its way, and is to be read once more then.
    again: bool,
    list: OutputList,
    search: WordSearch,
    scroll: Scroll,
    one_chart: Option<OneChart>,
    /// Where the cursor of the one-chart view goes when all of the record is known.
    goal: Option<CursorGoal>,
    /// The iteration that another tab stood at: where the cursor of a chart is to stand.
    lead: Option<i64>,
    /// What was looked at in the record before, to be looked at here.
    aim: Option<Output>,
    size: Size,
    ascii: bool,
}

/// Where a cursor is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CursorGoal {
    /// The first point from an iteration on.
    Iteration(i64),
    /// The highest point, or from there the lowest.
    HighLow,
}

/// What is looked at, or was to be.
#[derive(Debug, Clone)]
struct Output {
    name: String,
    one_chart: bool,
}

impl ChartsTab {
    pub fn new(run: i64) -> Self {
        ChartsTab { run, ..ChartsTab::default() }
    }

    fn ask_whole(&mut self) -> Effect {
        self.requests.ask(Ask::ChartsWhole { run: self.run })
    }

    fn all(&self) -> &[Downsampled] {
        self.outputs.get().map(|charts| charts.outputs.as_slice()).unwrap_or_default()
    }

    /// Only every so many-th iteration is known yet; 1 for all.
    fn every(&self) -> u64 {
        self.outputs.get().map_or(1, |charts| charts.every)
    }

    /// The output under the bar, or that of the one-chart view.
    fn current(&self) -> Option<&Downsampled> {
        self.all().get(self.scroll.selected()?)
    }

    /// Its numbers, once all of it is known.
    fn numbers(&self) -> Option<Stats> {
        self.current().filter(|_| self.every() == 1)?.tally.stats()
    }

    fn shape(&self) -> ChartSize {
        ChartSize { size: view::chart_size(self.size), ascii: self.ascii }
    }

    fn lay_out(&mut self) {
        let lines = usize::from(self.size.height);
        self.scroll.set_height(lines.saturating_sub(1 + view::note_height(self.all(), lines)));
        self.list = OutputList::new(self.all(), self.every() > 1, self.size.width, self.ascii);
        let shape = self.shape();
        if let Some(one_chart) = &mut self.one_chart {
            one_chart.reshape(shape);
        }
    }

    fn answer(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        self.requests.answered(slot);
        match result {
            Ok(Answer::Charts(charts)) => self.learn(charts),
            Ok(Answer::ChartPart(part)) => {
                let charts = self.outputs.get().zip(self.scroll.selected());
                let output = charts.and_then(|(charts, at)| charts.outputs.get(at));
                // Not of an output that was turned away from.
                let output = output.filter(|one| one.series.name == part.output);
                if let (Some(one_chart), Some(output)) = (&mut self.one_chart, output) {
                    one_chart.learn(output, &part);
                }
                Vec::new()
            }
            Ok(Answer::PointStep(spot)) => self.jump_to(spot).into_iter().collect(),
            Ok(_) => Vec::new(),
            Err(e) if slot == Slot::PointStep => Effect::not_found(&e),
            Err(e) => {
                if slot == Slot::ChartPart {
                    self.one_chart.iter_mut().for_each(OneChart::give_up);
                } else {
                    self.again = false;
                    self.goal = None;
                }
                self.outputs.fail(&e)
            }
        }
    }

    fn learn(&mut self, charts: chart::Charts) -> Vec<Effect> {
        let aim = self.aim_here();
        self.outputs = Loadable::There(charts);
        self.scroll.set_len(self.all().len());
        let old = self.one_chart.take();
        let mut effects = Vec::new();
        if let Some(aim) = aim {
            match self.all().iter().position(|one| one.series.name == aim.name) {
                Some(index) => {
                    self.scroll.to(index);
                    self.aim = None;
                    if aim.one_chart {
                        self.open(old.as_ref());
                    }
                }
                None if aim.one_chart && !self.all().is_empty() => {
                    effects.push(Effect::say(format!("#{} has no output {}.", self.run, aim.name)));
                }
                None => {}
            }
        }
        self.lay_out();
        if self.every() > 1 || std::mem::take(&mut self.again) {
            effects.push(self.ask_whole());
        }
        if let Some(goal) = self.goal.take() {
            effects.extend(self.go(goal));
        }
        effects
    }

    fn output_name(&self) -> Option<OutputName> {
        let Series { name, from_steps, .. } = &self.current()?.series;
        Some(OutputName { name: name.clone(), from_steps: *from_steps })
    }

    /// Asks for what a zoomed chart has not in full.
    fn fetch(&mut self) -> Option<Effect> {
        let output = self.output_name()?;
        let coming = match self.requests.coming(Slot::ChartPart) {
            Some((Ask::ChartPart { output: of, from, to, .. }, ())) if *of == output => Some((*from, *to)),
            _ => None,
        };
        let (from, to) = self.one_chart.as_ref()?.wants(coming)?;
        Some(self.requests.ask(Ask::ChartPart { run: self.run, output, from, to }))
    }

    /// What is looked at, or was to be.
    fn aim_here(&self) -> Option<Output> {
        let here = self
            .current()
            .map(|one| Output { name: one.series.name.clone(), one_chart: self.one_chart.is_some() });
        self.aim.clone().or(here)
    }

    /// Shows the selected output as one chart; where another one was shown, the same part of it.
    fn open(&mut self, like: Option<&OneChart>) {
        let Some(index) = self.scroll.selected() else { return };
        let Some(output) = self.all().get(index) else { return };
        let one_chart = match like {
            Some(like) => like.turned_to(index, output),
            None => OneChart::new(index, output, self.shape()),
        };
        self.one_chart = Some(one_chart);
        self.follow_lead();
    }

    fn take(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Shown if self.outputs.get().is_none() => {
                return vec![self.requests.ask(Ask::Charts { run: self.run })];
            }
            Input::Shown => self.follow_lead(),
            Input::Action(Action::Reload) if self.requests.is_coming(Slot::ChartsWhole) => self.again = true,
            Input::Action(Action::Reload) => return vec![self.ask_whole()],
            Input::Action(Action::Search) => return self.start_search(),
            Input::Action(action @ (Action::SearchNext | Action::SearchPrevious)) => {
                let (forward, at) = (action == Action::SearchNext, self.scroll.selected().unwrap_or(0));
                return self.search_by(|search, outputs| search.on(forward, at, outputs));
            }
            Input::Search(words) => return self.search_by(|search, outputs| search.typed(&words, outputs)),
            Input::SearchDone(words) => return self.search_by(|search, outputs| search.done(words, outputs)),
            Input::Action(action) if self.one_chart.is_some() => return self.in_one_chart(action),
            Input::Action(action) => self.in_list(action),
            Input::Goto(Goto::Iteration(n)) => return self.go(CursorGoal::Iteration(n)),
            Input::Answer { slot, result } => return self.answer(slot, result),
            _ => {}
        }
        Vec::new()
    }
}

impl Tab for ChartsTab {
    fn context(&self) -> Context {
        if self.one_chart.is_some() { Context::OneChart } else { Context::Tab(TabId::Charts) }
    }

    fn can(&self, action: Action) -> bool {
        match (&self.one_chart, action) {
            (_, Action::Reload) => true,
            (_, Action::Search) => !self.all().is_empty(),
            (_, Action::SearchNext | Action::SearchPrevious) => !self.search.needle().is_empty(),
            (Some(one_chart), Action::Left | Action::Right | Action::Open | Action::HighLow) => {
                one_chart.at().is_some()
            }
            (Some(_), Action::Down | Action::Up) => self.all().len() > 1,
            (Some(one_chart), Action::More) => one_chart.can_zoom_in(),
            (Some(one_chart), Action::Less | Action::Fit) => one_chart.is_zoomed(),
            (Some(_), Action::Back) => true,
            (Some(one_chart), _) => action.moves() && one_chart.at().is_some(),
            (None, Action::Down | Action::Up | Action::Open) => !self.scroll.is_empty(),
            (None, _) => action.moves() && !self.scroll.is_empty(),
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.ascii = cx.ascii;
        // What just failed would fail again.
        let failed = matches!(input, Input::Answer { result: Err(_), .. });
        let mut effects = self.take(input);
        if !failed {
            effects.extend(self.fetch());
        }
        effects
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        view::view(self, theme, area, buf);
    }

    /// Where the cursor goes depends on the points that are on their way.
    fn awaits(&self, about: About) -> bool {
        let sought = self.goal.is_some() || self.one_chart.as_ref().is_some_and(OneChart::is_seeking);
        sought
            || about == About::Cursor && self.one_chart.is_some() && self.requests.is_coming(Slot::ChartPart)
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        self.one_chart.as_ref()?;
        i64::try_from(n).ok().map(Goto::Iteration)
    }

    fn has_come(&self) -> bool {
        self.outputs.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(Downsampled { series, .. }) = self.current() else { return Vec::new() };
        let mut items = Vec::new();
        match (self.one_chart.as_ref().and_then(OneChart::at), self.numbers()) {
            (Some(point), _) => items.push(CopyItem::new('v', "value", stored(point.number()))),
            (None, Some(stats)) => items.push(CopyItem::new('v', "last value", stored(stats.last))),
            (None, None) => {}
        }
        items.push(CopyItem::new('o', "output's name", series.name.clone()));
        if let Some(stats) = self.numbers() {
            let ([last, min, mean, max, sd], n) = (figures(&stats), stats.n);
            let sd = if sd.is_empty() { sd } else { format!(", sd {sd}") };
            let text = format!("{}: last {last}, min {min}, max {max}, mean {mean}{sd}, n {n}", series.name);
            items.push(CopyItem::new('t', "its numbers", text));
        }
        items
    }

    fn moment(&self) -> Option<Moment> {
        let point = self.one_chart.as_ref()?.at()?;
        let (iteration, sample) = (point.iteration, point.sample);
        Some(Moment::Point { output: self.output_name()?, iteration, sample })
    }

    fn aim(&mut self, aim: Aim) {
        if let Aim::Iteration(n) = aim {
            self.lead = Some(n);
        }
    }

    fn position(&self) -> Option<String> {
        Some(format!("{}/{}", self.scroll.selected()? + 1, self.scroll.len()))
    }

    fn beside(&self, run: i64) -> Option<Box<dyn Tab>> {
        Some(Box::new(ChartsTab { aim: self.aim_here(), ..ChartsTab::new(run) }))
    }
}
