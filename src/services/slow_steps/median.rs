//! The median of many numbers without some of them, as often as there are iterations.

/// Numbers in their order.
#[derive(Debug)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    pub fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Self(numbers)
    }

    /// The median of those that are left without some that are among them; `None` where so few are left.
    pub fn median_without(&self, some: &[f64], least: usize) -> Option<f64> {
        let left = self.0.len().checked_sub(some.len()).filter(|left| *left >= least.max(1))?;
        let mut places = self.places(some);
        places.sort_unstable();
        let low = self.left((left - 1) / 2, &places)?;
        let high = self.left(left / 2, &places)?;
        Some(low + (high - low) / 2.0)
    }

    /// What the median can't be below when so many are left out, whichever they are.
    pub fn least_without(&self, some: usize) -> Option<f64> {
        let left = self.0.len().checked_sub(some)?.checked_sub(1)?;
        self.0.get(left / 2).copied()
    }

    /// Where these stand, each in a place of its own.
    fn places(&self, some: &[f64]) -> Vec<usize> {
        let mut sorted = some.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut free = 0;
        let place = |number: &f64| {
            let first = self.0.partition_point(|one| one.total_cmp(number).is_lt());
            let place = first.max(free);
            free = place + 1;
            place
        };
        sorted.iter().map(place).collect()
    }

    /// The number with this place among those that are left without the ones at some places.
    fn left(&self, mut place: usize, without: &[usize]) -> Option<f64> {
        for gone in without {
            if *gone <= place {
                place += 1;
            }
        }
        self.0.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(mut numbers: Vec<f64>) -> f64 {
        numbers.sort_by(f64::total_cmp);
        let (low, high) = (numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]);
        (low + high) / 2.0
    }

    proptest! {
        #[test]
        fn as_if_the_others_were_all_there_are(
            all in prop::collection::vec((0..9_i32, any::<bool>()), 1..40),
            least in 0..6_usize,
        ) {
            let numbers = |gone: Option<bool>| -> Vec<f64> {
                let wanted = all.iter().filter(|(_, out)| gone.is_none_or(|gone| *out == gone));
                wanted.map(|(n, _)| f64::from(*n) / 4.0).collect()
            };
            let left = numbers(Some(false));
            let told = Sorted::of(numbers(None)).median_without(&numbers(Some(true)), least);
            let enough = left.len() >= least.max(1);
            prop_assert_eq!(told, enough.then(|| plain(left.clone())));
            let lowest = Sorted::of(numbers(None)).least_without(all.len() - left.len());
            prop_assert!(left.is_empty() || lowest.is_some_and(|lowest| lowest <= plain(left)));
        }
    }
}
