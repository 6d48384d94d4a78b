// What the hub's own process sets of V8's collector otherwise than it comes; workers inherit it.

export const HUB_NODE_ARGS = Object.freeze([
  // V8 places objects among the old at once where it saw earlier ones of the same line of code survive
  // for a while; here those are the requests under way, which come and go. The old were then full of
  // what nobody holds: under load all of them were collected once a second, with pauses of 5 to 40 ms,
  // and a collection of the young took 4.5 ms instead of 1 ms.
  '--no-allocation-site-pretenuring',
  // Of 16 MB, as it comes, 500 streams fill several for nothing but garbage: 60 KiB a stream. With half
  // of it requests cost the same.
  '--max-semi-space-size=8',
  // V8's own threads mark the old while the hub serves; on a core that is shared they take turns with
  // it, 10 to 40 ms at a time. The heap is small enough for the hub to do it between two requests.
  '--single-threaded-gc',
]);
