//! Which step worked on which sample of its phase, what the steps left for each sample, and which of them set a value.

use std::collections::HashMap;

use crate::model::{
    run::{Phase, Step},
    value::{Cell, Dict, Text, Value},
};

/// Parameters of the samples of a phase: one dict, or one for each sample of a batch.
pub struct Parameters(Vec<Dict>);

impl Parameters {
    pub fn of(phase: &Phase) -> Self {
        Self(phase.parameters.read().into_dicts().unwrap_or_default())
    }

    /// The parameters of sample `n` from 0: the first's where there are fewer.
    pub fn sample(&self, n: usize) -> Option<&Dict> {
        self.0.get(n).or_else(|| self.0.first())
    }

    pub fn has(&self, name: &Text) -> bool {
        self.0.iter().any(|sample| sample.has(name))
    }

    pub fn samples(&self) -> usize {
        self.0.len()
    }

    /// A parameter of sample `n` that is a finite number.
    pub fn number(&self, n: usize, name: &Text) -> Option<f64> {
        let number = value_of(self.sample(n)?, name)?.number();
        number.filter(|number| number.is_finite())
    }
}

/// Of each step the sample, from 0, that it worked on; 0 where there is one sample, or none.
///
/// In a batch a step is called for sample after sample, in a loop for all of them in each round. Where some were tried
/// again after an error, the one that did not fail ends a sample.
pub fn samples(steps: &[Step], samples: usize) -> Vec<usize> {
    let mut found = vec![0; steps.len()];
    if samples < 2 {
        return found;
    }
    let mut groups: HashMap<Option<i64>, Vec<(usize, bool)>> = HashMap::new();
    for (n, step) in steps.iter().enumerate() {
        groups.entry(step.step_index).or_default().push((n, step.run_error == Some(true)));
    }
    for group in groups.values() {
        let tried_again = group.len() > samples && group.iter().rev().skip(1).any(|(_, failed)| *failed);
        let mut turn = 0;
        for (n, failed) in group {
            if let Some(slot) = found.get_mut(*n) {
                *slot = turn % samples;
            }
            turn += usize::from(!tried_again || !failed);
        }
    }
    found
}

/// What a step returned, where it is a dict.
pub fn returned(step: &Step) -> Option<Dict> {
    if let Cell::Json(Value::Dict(dict)) = step.output.read() { Some(dict) } else { None }
}

/// The values that the steps of a phase left, sample by sample: of each name the last.
pub fn left_by_steps(phase: &Phase, steps: &[Step]) -> Vec<Vec<(Text, Value)>> {
    let count = Parameters::of(phase).samples().max(1);
    let mut rows: Vec<Vec<(Text, Value)>> = vec![Vec::new(); count];
    let mut places: Vec<HashMap<Text, usize>> = vec![HashMap::new(); count];
    for (step, sample) in steps.iter().zip(samples(steps, count)) {
        let (Some(row), Some(places)) = (rows.get_mut(sample), places.get_mut(sample)) else { continue };
        for (name, value) in returned(step).map(Dict::into_entries).unwrap_or_default() {
            match places.get(&name).and_then(|place| row.get_mut(*place)) {
                Some(slot) => slot.1 = value,
                None => {
                    places.insert(name.clone(), row.len());
                    row.push((name, value));
                }
            }
        }
    }
    rows
}

/// The last step that set this output of a sample (from 0, of so many) to this value; `None` where no step did.
///
/// From IvoryOS 1.7 on a step's output is its context, which also has what earlier steps set: such a step has set only
/// what is new or changed, or what the same step set in an earlier round of a loop. Before, it is what the step returned.
pub fn setter(
    phase: &Phase,
    steps: &[Step],
    name: &Text,
    (sample, count): (usize, usize),
    value: &Value,
) -> Option<i64> {
    let parameters = Parameters::of(phase);
    let of = samples(steps, count);
    let own = steps.iter().zip(of).filter(|(_, of)| *of == sample);
    let outputs: Vec<(&Step, Dict)> = own.filter_map(|(step, _)| Some((step, returned(step)?))).collect();
    let is_context = outputs.windows(2).all(|pair| match pair {
        [(_, before), (_, after)] => before.without(after).is_empty(),
        _ => true,
    });
    let mut before = parameters.sample(sample).and_then(|inputs| value_of(inputs, name)).cloned();
    let (mut setters, mut last) = (Vec::new(), None);
    for (step, output) in &outputs {
        let Some(now) = value_of(output, name) else { continue };
        let changed = before.as_ref().is_none_or(|before| !same(before, now));
        let again = step.run_error != Some(true) && setters.contains(&step.step_index);
        if changed || again || !is_context {
            setters.push(step.step_index);
            last = same(now, value).then_some(step.id).or(last.filter(|_| !changed));
        }
        before = Some(now.clone());
    }
    last
}

fn value_of<'a>(dict: &'a Dict, name: &Text) -> Option<&'a Value> {
    dict.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// As `==`, but that NaN is itself.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a == b || a.is_nan() && b.is_nan(),
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{json, value::RawCell};

    fn step(id: i64, index: i64, failed: bool, output: &str) -> Step {
        let output = RawCell(Some(output.as_bytes().into()));
        Step { id, step_index: Some(index), run_error: Some(failed), output, ..Step::default() }
    }

    fn phase(parameters: &str) -> Phase {
        Phase { parameters: RawCell(Some(parameters.as_bytes().into())), ..Phase::default() }
    }

    fn value(text: &str) -> Value {
        let Cell::Json(value) = json::read_cell(text.as_bytes()) else { panic!("{text}") };
        value
    }

    /// The calls of one step, `F` failed.
    fn of_calls(calls: &str, count: usize) -> Vec<usize> {
        let steps: Vec<Step> = calls.chars().map(|c| step(1, 1, c == 'F', "{}")).collect();
        samples(&steps, count)
    }

    #[test]
    fn calls_belong_to_samples() {
        assert_eq!(of_calls("...", 3), [0, 1, 2]);
        assert_eq!(of_calls(".F.", 3), [0, 1, 2]);
        assert_eq!(of_calls(".FF..", 3), [0, 1, 1, 1, 2]);
        assert_eq!(of_calls("......", 3), [0, 1, 2, 0, 1, 2]);
        assert_eq!(of_calls("...", 1), [0, 0, 0]);
        assert_eq!(of_calls("...", 0), [0, 0, 0]);
    }

    #[test]
    fn the_last_value_of_a_name_is_left() {
        let steps = [
            step(1, 1, false, r#"{"a": 1, "b": 2}"#),
            step(2, 2, false, "[1]"),
            step(3, 3, false, r#"{"a": 5}"#),
        ];
        let rows = left_by_steps(&phase("{}"), &steps);
        assert_eq!(rows, [vec![(Text::from("a"), Value::Int(5)), (Text::from("b"), Value::Int(2))]]);
    }

    #[test]
    fn a_context_names_the_step_that_changed_it() {
        let inputs = phase(r#"[{"v": 1}]"#);
        let steps = [
            step(1, 1, false, r#"{"v": 1, "mass": 5}"#),
            step(2, 2, false, r#"{"v": 1, "mass": 5, "t": 9}"#),
            step(3, 3, false, r#"{"v": 1, "mass": 6, "t": 9}"#),
            step(4, 4, false, r#"{"v": 1, "mass": 6, "t": 9}"#),
        ];
        let set = |name: &str, now: &str| setter(&inputs, &steps, &Text::from(name), (0, 1), &value(now));
        assert_eq!((set("mass", "6"), set("t", "9")), (Some(3), Some(2)));
        assert_eq!((set("v", "1"), set("mass", "7"), set("none", "1")), (None, None, None));
        // An old value was overwritten: what the phase has is not from it.
        assert_eq!(set("mass", "5"), None);
    }

    #[test]
    fn the_last_round_of_a_loop_is_meant_also_with_the_same_value() {
        let context = r#"{"mass": 5}"#;
        let steps = [
            step(1, 1, false, context),
            step(2, 1, false, context),
            step(3, 1, true, context),
            step(4, 1, false, context),
            step(5, 2, false, context),
        ];
        assert_eq!(setter(&phase("[]"), &steps, &Text::from("mass"), (0, 0), &value("5")), Some(4));
    }

    #[test]
    fn before_contexts_a_step_has_set_what_it_returned() {
        let steps = [
            step(1, 1, false, r#"{"mass": 5}"#),
            step(2, 2, false, r#"{"vial": "A1"}"#),
            step(3, 3, false, r#"{"mass": 5}"#),
            step(4, 4, false, "{}"),
        ];
        assert_eq!(setter(&phase("[]"), &steps, &Text::from("mass"), (0, 0), &value("5")), Some(3));
    }

    #[test]
    fn samples_tried_again_keep_their_own_context() {
        let inputs = phase(r#"[{"v": 1}, {"v": 2}]"#);
        let steps = [
            step(1, 1, true, r#"{"v": 1}"#),
            step(2, 1, false, r#"{"v": 1, "mass": 5}"#),
            step(3, 1, false, r#"{"v": 2, "mass": 5}"#),
            step(4, 2, false, r#"{"v": 1, "mass": 5, "t": [1, NaN]}"#),
            step(5, 2, false, r#"{"v": 2, "mass": 5, "t": [1, NaN]}"#),
        ];
        let set = |name: &str, sample, now: &str| {
            setter(&inputs, &steps, &Text::from(name), (sample, 2), &value(now))
        };
        assert_eq!((set("mass", 0, "5"), set("mass", 1, "5")), (Some(2), Some(3)));
        assert_eq!((set("t", 0, "[1, NaN]"), set("t", 1, "[1, NaN]")), (Some(4), Some(5)));
        assert_eq!(set("mass", 7, "5"), None);
    }
}
