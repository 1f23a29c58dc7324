//! The machine against a simulated node over a simulated bad network.

use proptest::prelude::*;

use super::*;

/// What happens to the next event, or to the next attempt to connect.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Pass,
    /// The connection breaks before the event.
    Cut,
    Twice,
    /// The event is lost on the way.
    Vanish,
    /// The event after it comes first.
    Swap,
    /// An attempt is refused for a passing reason.
    Busy,
    /// An attempt is refused for good.
    Refused,
    /// The handler fails.
    Fail,
    /// The event's id is wrong.
    Corrupt,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Chunk(u64),
    Done,
    Error,
}

/// The stream at the node, and what the network does to it.
#[derive(Debug)]
struct World {
    total: u64,
    resumable: bool,
    location: bool,
    /// A repeated request is answered with a stream of another id.
    renames: bool,
    generation: u32,
    fates: std::vec::IntoIter<Fate>,
}

impl World {
    fn stream_id(&self) -> ByteString {
        format!("s{}", self.generation).into()
    }

    /// All that arrives over one connection that begins after a chunk.
    fn connection(&mut self, after: u64) -> Vec<(Event, bool)> {
        let mut left: Vec<Event> = (after + 1..=self.total).map(Event::Chunk).collect();
        left.push(Event::Done);
        let mut arrived = Vec::new();
        while !left.is_empty() {
            let event = left.remove(0);
            match self.fates.next().unwrap_or(Fate::Pass) {
                Fate::Pass | Fate::Busy | Fate::Refused => arrived.push((event, true)),
                Fate::Cut => return arrived,
                Fate::Twice => arrived.extend([(event, true); 2]),
                Fate::Vanish => {}
                Fate::Swap => left.insert(1.min(left.len()), event),
                Fate::Fail => {
                    arrived.push((Event::Error, true));
                    return arrived;
                }
                Fate::Corrupt => arrived.push((event, false)),
            }
        }
        arrived
    }
}

#[derive(Debug, PartialEq)]
enum End {
    Complete,
    Failed(ErrorCode),
}

/// A driver as simple as can be. Returns what the consumer saw.
fn run(world: &mut World) -> (Vec<u64>, End) {
    let limits = StreamLimits::default();
    let mut machine = StreamMachine::new(limits);
    let mut seen = Vec::new();
    let mut fruitless = 0;
    let mut after = 0;
    machine
        .opened(world.location.then(|| world.stream_id()))
        .unwrap();
    loop {
        let mut over = false;
        for (event, intact) in world.connection(after) {
            let meta = |sequence| StreamMeta {
                stream_id: world.stream_id(),
                sequence,
                resumable: world.resumable,
                is_final: event == Event::Done,
            };
            let step = match event {
                Event::Chunk(sequence) => {
                    let id = if intact { sequence } else { sequence + 1 };
                    machine.on_chunk(&meta(sequence), Some(id))
                }
                Event::Done => machine.on_done(&meta(world.total)),
                Event::Error => machine.on_error(Error::new(ErrorCode::HandlerError, "failed")),
            };
            match step {
                Step::Deliver => {
                    let Event::Chunk(sequence) = event else {
                        panic!("only chunks are delivered");
                    };
                    seen.push(sequence);
                    fruitless = 0;
                }
                Step::Skip => {}
                Step::Lost => over = true,
                Step::Complete => return (seen, End::Complete),
                Step::Fail(error) => return (seen, End::Failed(error.code().clone())),
            }
            if over {
                break;
            }
        }
        let mut recovery = machine.on_lost(None);
        loop {
            match &recovery {
                Recovery::Resume {
                    stream_id, after, ..
                } => {
                    assert_eq!(*stream_id, world.stream_id());
                    assert_eq!(*after, seen.len() as u64);
                    assert!(world.location || *after > 0);
                    assert!(world.resumable || *after == 0);
                }
                Recovery::Repeat { .. } => {
                    assert!(seen.is_empty() && !world.location);
                }
                Recovery::Fail(error) => {
                    let may = seen.is_empty() || world.resumable;
                    if *error.code() == ErrorCode::StreamInterrupted && may {
                        assert_eq!(fruitless, limits.max_resumes);
                    }
                    return (seen, End::Failed(error.code().clone()));
                }
            }
            fruitless += 1;
            assert!(fruitless <= limits.max_resumes);
            let error = match world.fates.next() {
                Some(Fate::Busy) => Error::new(ErrorCode::Network, "busy"),
                Some(Fate::Refused) => Error::new(ErrorCode::StreamExpired, "gone"),
                _ => break,
            };
            recovery = machine.on_recovery_failed(error, None);
        }
        after = match recovery {
            Recovery::Resume { after, .. } => {
                machine.opened(None).unwrap();
                after
            }
            _ => {
                world.generation += u32::from(world.renames);
                let id = world.location.then(|| world.stream_id());
                machine.opened(id).unwrap();
                0
            }
        };
    }
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        8 => Just(Fate::Pass),
        6 => Just(Fate::Cut),
        3 => Just(Fate::Twice),
        3 => Just(Fate::Vanish),
        3 => Just(Fate::Swap),
        6 => Just(Fate::Busy),
        1 => prop_oneof![Just(Fate::Refused), Just(Fate::Fail), Just(Fate::Corrupt)],
    ];
    prop::collection::vec(fate, 0..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_consumer_sees_all_chunks_once_or_an_error(
        total in 0u64..12,
        resumable in any::<bool>(),
        location in any::<bool>(),
        renames in any::<bool>(),
        fates in fates(),
    ) {
        let lasting = fates
            .iter()
            .any(|fate| matches!(fate, Fate::Refused | Fate::Fail | Fate::Corrupt));
        let calm = fates.iter().all(|fate| matches!(fate, Fate::Pass | Fate::Twice));
        let fates = fates.into_iter();
        let mut world = World { total, resumable, location, renames, generation: 0, fates };
        let (seen, end) = run(&mut world);
        let expected: Vec<u64> = (1..=seen.len() as u64).collect();
        prop_assert_eq!(&seen, &expected);
        match end {
            End::Complete => prop_assert_eq!(seen.len() as u64, total),
            End::Failed(ErrorCode::StreamInterrupted) => prop_assert!(!calm),
            End::Failed(code) => prop_assert!(lasting, "{code}"),
        }
    }
}
