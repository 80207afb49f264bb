use crate::{
    catalogue::{Job, Kernel, Output, Row},
    spread::each,
};

const LEAST_DEPTH: usize = 4;
/// The tasks that the trees of one depth are split into; their number is always a multiple of it.
const SHARES: usize = 16;

pub fn kernel() -> Kernel {
    let rows = vec![
        Row::new("same", "binarytrees-heap", |job| {
            Ok(Box::new(move || {
                let keep = |depth| {
                    let tree = Tree::grow(depth);
                    move || tree.check()
                };
                forest(job, sum_of_trees, keep)
            }))
        }),
        Row::new("best", "binarytrees-arena", |job| {
            Ok(Box::new(move || {
                let keep = |depth| {
                    let mut arena = Arena::new(depth);
                    let root = arena.grow(depth);
                    move || arena.check(root)
                };
                forest(job, sum_in_arena, keep)
            }))
        }),
    ];
    Kernel::new("binarytrees", 18, 6..=24, rows)
}

/// Counts the nodes of many short-lived trees while one tree lives on. `sum` grows trees of a depth one after the other
/// and adds up their nodes; `keep` grows the one that lives on and returns what counts it.
fn forest<K: FnOnce() -> usize>(job: Job, sum: fn(usize, usize) -> usize, keep: impl FnOnce(usize) -> K) -> Output {
    let mut checks = vec![sum(job.n + 1, 1)];
    let kept = keep(job.n);
    let depths = (job.n - LEAST_DEPTH) / 2 + 1;
    let sums = each(job.threads, depths * SHARES, |task| {
        let depth = LEAST_DEPTH + task / SHARES * 2;
        sum(depth, (1 << (job.n - depth + LEAST_DEPTH)) / SHARES)
    });
    checks.extend(sums.chunks(SHARES).map(|shares| shares.iter().sum::<usize>()));
    checks.push(kept());
    let texts: Vec<_> = checks.iter().map(usize::to_string).collect();
    Output::Text(texts.join(","))
}

struct Tree {
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

impl Tree {
    fn grow(depth: usize) -> Box<Self> {
        let (left, right) = if depth > 0 {
            (Some(Self::grow(depth - 1)), Some(Self::grow(depth - 1)))
        } else {
            (None, None)
        };
        Box::new(Self { left, right })
    }

    fn check(&self) -> usize {
        match (&self.left, &self.right) {
            (Some(left), Some(right)) => 1 + left.check() + right.check(),
            _ => 1,
        }
    }
}

fn sum_of_trees(depth: usize, trees: usize) -> usize {
    (0..trees).map(|_| Tree::grow(depth).check()).sum()
}

/// The nodes of one tree: indices of children, 0 for none, so the first node is nobody's.
struct Arena {
    nodes: Vec<[u32; 2]>,
}

impl Arena {
    fn new(depth: usize) -> Self {
        let mut nodes = Vec::with_capacity(1 << (depth + 1));
        nodes.push([0; 2]);
        Self { nodes }
    }

    fn grow(&mut self, depth: usize) -> u32 {
        let node = if depth > 0 {
            [self.grow(depth - 1), self.grow(depth - 1)]
        } else {
            [0; 2]
        };
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn check(&self, at: u32) -> usize {
        match self.nodes[at as usize] {
            [0, _] => 1,
            [left, right] => 1 + self.check(left) + self.check(right),
        }
    }
}

fn sum_in_arena(depth: usize, trees: usize) -> usize {
    let mut arena = Arena::new(depth);
    let mut total = 0;
    for _ in 0..trees {
        arena.nodes.truncate(1);
        let root = arena.grow(depth);
        total += arena.check(root);
    }
    total
}
