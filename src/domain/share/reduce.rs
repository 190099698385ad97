//! A low-rank product of a lower rank.

/// Turns of the rotations below at the most; they are at their end after a handful.
const MOST_SWEEPS: usize = 40;

/// Columns count as at right angles when the cosine between them is below this.
const RIGHT_ANGLE: f64 = 1e-9;

/// The product `a b` by fewer columns and rows: of all products of rank `keep` the nearest one
/// (Eckart and Young 1936).
///
/// `a` has shape `[d_input, rank]` and `b` has `[rank, d_output]`, row-major; so do the results,
/// with `keep` in place of `rank`. With `b` in two factors, `bᵀ = q r` (Gram and Schmidt), the
/// product is `(a rᵀ) qᵀ`, whose left factor is decomposed by one-sided rotations (Hestenes 1958).
///
/// # Panics
/// When the shapes do not fit.
pub fn reduced(a: &[f32], b: &[f32], rank: usize, keep: usize) -> (Vec<f32>, Vec<f32>) {
    assert_eq!(a.len() % rank, 0, "a has whole rows");
    assert_eq!(b.len() % rank, 0, "b has whole columns");
    let inputs = a.len() / rank;
    let outputs = b.len() / rank;
    // Columns of q, and rows of r.
    let mut q: Vec<Vec<f64>> = Vec::new();
    let mut r = vec![vec![0.0; rank]; rank];
    for (column, row) in b.chunks_exact(outputs).enumerate() {
        let mut rest: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        for (at, known) in q.iter().enumerate() {
            let share = dot(known, &rest);
            r[at][column] = share;
            for (x, y) in rest.iter_mut().zip(known) {
                *x -= share * y;
            }
        }
        let length = dot(&rest, &rest).sqrt();
        r[column][column] = length;
        if length > 0.0 {
            rest.iter_mut().for_each(|x| *x /= length);
        }
        q.push(rest);
    }
    // Columns of a rᵀ, and q beside them: whatever turns the one turns the other.
    let mut left: Vec<Vec<f64>> = (0..rank)
        .map(|column| {
            a.chunks_exact(rank)
                .map(|row| {
                    let row: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
                    dot(&row, &r[column])
                })
                .collect()
        })
        .collect();
    for _ in 0..MOST_SWEEPS {
        let mut is_done = true;
        for first in 0..rank {
            for second in first + 1..rank {
                is_done &= !turn(&mut left, &mut q, first, second);
            }
        }
        if is_done {
            break;
        }
    }
    let mut order: Vec<usize> = (0..rank).collect();
    order.sort_by(|&x, &y| dot(&left[y], &left[y]).total_cmp(&dot(&left[x], &left[x])));
    order.truncate(keep);
    let mut small_a = Vec::with_capacity(inputs * order.len());
    for row in 0..inputs {
        small_a.extend(
            order
                .iter()
                .map(|&column| balanced(&left, column).0 * left[column][row]),
        );
    }
    let mut small_b = Vec::with_capacity(order.len() * outputs);
    for &column in &order {
        let own = balanced(&left, column).1;
        small_b.extend(q[column].iter().map(|x| own * x));
    }
    let narrow = |values: Vec<f64>| values.into_iter().map(|x| x as f32).collect();
    (narrow(small_a), narrow(small_b))
}

/// Factors that give both sides of a column the same length, which few bits keep best.
fn balanced(left: &[Vec<f64>], column: usize) -> (f64, f64) {
    let length = dot(&left[column], &left[column]).sqrt();
    if length > 0.0 {
        (length.sqrt() / length, length.sqrt())
    } else {
        (0.0, 0.0)
    }
}

/// Turns two columns until they are at right angles; false when they were.
fn turn(left: &mut [Vec<f64>], right: &mut [Vec<f64>], first: usize, second: usize) -> bool {
    let (p, q) = (&left[first], &left[second]);
    let (pp, qq, pq) = (dot(p, p), dot(q, q), dot(p, q));
    if pq.abs() <= RIGHT_ANGLE * (pp * qq).sqrt() || pq == 0.0 {
        return false;
    }
    let zeta = (qq - pp) / (2.0 * pq);
    let tangent = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = cosine * tangent;
    for columns in [left, right] {
        let (before, after) = columns.split_at_mut(second);
        for (x, y) in before[first].iter_mut().zip(&mut after[0]) {
            (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
        }
    }
    true
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(a: &[f32], b: &[f32], rank: usize) -> Vec<f32> {
        let outputs = b.len() / rank;
        a.chunks_exact(rank)
            .flat_map(|row| {
                (0..outputs).map(move |column| {
                    row.iter()
                        .enumerate()
                        .map(|(at, x)| x * b[at * outputs + column])
                        .sum::<f32>()
                })
            })
            .collect()
    }

    fn distance(x: &[f32], y: &[f32]) -> f32 {
        x.iter()
            .zip(y)
            .map(|(x, y)| (x - y).powi(2))
            .sum::<f32>()
            .sqrt()
    }

    #[test]
    fn the_nearest_product_of_a_lower_rank_is_found() {
        let a: Vec<f32> = (0..24).map(|at| ((at * at) as f32 * 0.7).sin()).collect();
        let b: Vec<f32> = (0..20).map(|at| ((at * 3) as f32 * 0.9).cos()).collect();
        let whole = product(&a, &b, 4); // [6, 5]
        let mut last = f32::INFINITY;
        for keep in 1..=4 {
            let (small_a, small_b) = reduced(&a, &b, 4, keep);
            assert_eq!((small_a.len(), small_b.len()), (6 * keep, 5 * keep));
            let off = distance(&product(&small_a, &small_b, keep), &whole);
            assert!(off < last);
            last = off;
        }
        assert!(last < 1e-5, "the whole rank is exact: {last}");
        // What is left out is at right angles to what is kept, else something nearer could be kept.
        let (small_a, small_b) = reduced(&a, &b, 4, 1);
        let one = product(&small_a, &small_b, 1);
        let length = distance(&one, &[0.0; 30]);
        let rest = distance(&one, &whole);
        let all = distance(&whole, &[0.0; 30]);
        assert!((length.powi(2) + rest.powi(2) - all.powi(2)).abs() < 1e-3 * all.powi(2));
    }

    #[test]
    fn a_product_that_is_zero_stays_so() {
        let (a, b) = reduced(&[1.0, 2.0, 3.0, 4.0], &[0.0; 6], 2, 1);
        assert_eq!(b, [0.0; 3]);
        assert_eq!(a.len(), 2);
        assert!(a.iter().all(|x| x.is_finite()));
    }
}
