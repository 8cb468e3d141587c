/* Model of the protocol between a pool and its workers (core/src/ring.h), for the Spin model checker.
 *
 * It contains the rings of up to two workers with few cells and positions that wrap, the parent's user thread, its
 * supervisor and a third thread that takes tasks back at any moment, the bells with all their states, the sleep
 * words, the death of a worker between any two of its steps, the kernel's notice of it, burial and replacement, and
 * values and arguments that pass through in parts. Names in capitals are the steps of ring.h.
 *
 * Memory is sequentially consistent here: one step after another, each seen by everybody at once. That the memory
 * orders and fences of the code suffice for this view is argued pair by pair in docs/DESIGN.md; a fence between a
 * store and a later load appears here as the order of two steps, and mutants that swap the two stand for its loss.
 * Loads that must not be taken for one another are steps of their own. A payload and the stamp that publishes it are
 * two steps on the writer's side; reading a stamp and the payload behind it is one, because the model asserts that
 * nobody writes a payload which another may still read.
 *
 * Where the model is stricter than the code, and where it is blind: no wait ends by itself but the one time-out of
 * the user (a spurious wake would hide a lost one); there is no spinning but one look; nothing retries; a worker is
 * not told to exit; clocks, sizes and what a worker scribbles into its rings are not modelled. Processes of the
 * parent do not die, because nothing of a pool outlives its parent.
 *
 * What is checked, by assertions on the way and once nothing can move any more:
 *   - every task ends exactly once: done, failed or cancelled;
 *   - no task runs twice; a done task ran; a cancelled one did not; a failed one had been claimed by a worker that
 *     died before it had published the completion; at most one task fails per death;
 *   - a recalled task does not run where it was recalled;
 *   - a completion cell that was not read is not overwritten: DONE always finds room;
 *   - nobody sleeps for ever: when nothing moves, all tasks have ended, all completions are read, no worker has a
 *     published cell before it, and the user has left its wait;
 *   - every run ends: no cycle of steps exists (the configurations with -l).
 *
 * A run of the checker per line: its name, the macros, then pan's options after "--".
 *
 * CHECK crash     -DTASKS=3 -DKILLS=1 -DRECALLS=0
 * CHECK recall    -DTASKS=3 -DKILLS=0 -DRECALLS=2
 * CHECK both      -DTASKS=2 -DKILLS=1 -DRECALLS=1
 * CHECK two       -DWORKERS=2 -DTASKS=2 -DKILLS=1 -DRECALLS=0
 * CHECK parts     -DTASKS=2 -DKILLS=1 -DRECALLS=0 -DPARTS=3
 * CHECK pieces    -DTASKS=2 -DKILLS=1 -DRECALLS=0 -DPIECES=2
 * CHECK ends      -DTASKS=2 -DKILLS=1 -DRECALLS=0 -DNP -- -l
 */
