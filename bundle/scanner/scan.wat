;; The scanner's inner loop (scanner.ts). `npm run build:scan` writes program.ts from this text.
;;
;; Memory, as memory.ts lays it out:
;;        0  class of each byte
;;      256  class of each byte in six bits, for the gate
;;     1024  one bit for each triple of such classes: whether anything can begin there
;;    65536  for each triple: how many bytes before it that has begun at most; 128 added where it can only be a number
;;   327680  the automaton: a row a state, a cell of four bytes a class
;; then the text, then what was found.
(module
  (import "scan" "memory" (memory 1))
  ;; Works out the cell for a state's row and a class of bytes: (row, class) -> cell.
  (import "scan" "workOut" (func $workOut (param i32 i32) (result i32)))


  ;; The first place from $from to $upTo, $upTo included, where $sign stands; 0 when there is none.
  (func $placeOf (param $sign i32) (param $from i32) (param $upTo i32) (result i32)
    (loop $next
      (if (i32.le_u (local.get $from) (local.get $upTo)) (then
        (if (i32.eq (i32.load8_u (local.get $from)) (local.get $sign)) (then (return (local.get $from))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next))))
    (i32.const 0))

  ;; The start of the line that $at is in, not before $from.
  (func $lineStart (param $at i32) (param $from i32) (result i32)
    (local $bits i32)
    (loop $next
      (if (i32.le_s (local.get $at) (local.get $from)) (then (return (local.get $from))))
      ;; The sixteen bytes before $at.
      (local.set $bits (i8x16.bitmask (i8x16.eq
        (v128.load (i32.sub (local.get $at) (i32.const 16))) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
      (if (i32.eqz (local.get $bits)) (then
        (local.set $at (i32.sub (local.get $at) (i32.const 16)))
        (br $next))))
    (local.set $at (i32.sub (local.get $at) (i32.sub (i32.clz (local.get $bits)) (i32.const 16))))
    (select (local.get $from) (local.get $at) (i32.lt_s (local.get $at) (local.get $from))))

  ;; Where the line that $at is in ends, its line end included; $to at most.
  (func $lineStop (param $at i32) (param $to i32) (result i32)
    (local $bits i32)
    (loop $next
      (if (i32.ge_s (local.get $at) (local.get $to)) (then (return (local.get $to))))
      (local.set $bits (i8x16.bitmask (i8x16.eq
        (v128.load (local.get $at)) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
      (if (i32.eqz (local.get $bits)) (then
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next))))
    (local.set $at (i32.add (local.get $at) (i32.add (i32.ctz (local.get $bits)) (i32.const 1))))
    (select (local.get $to) (local.get $at) (i32.gt_s (local.get $at) (local.get $to))))

  (func $isSign (param $byte i32) (result i32)
    (i32.or (i32.or (i32.eq (local.get $byte) (i32.const 46)) (i32.eq (local.get $byte) (i32.const 58)))
            (i32.eq (local.get $byte) (i32.const 45))))

  (func $mayBeNumber (param $at i32) (result i32)
    (local $sign i32) (local $byte i32) (local $second i32)
    (local.set $sign (i32.add (local.get $at) (i32.const 1)))
    (local.set $byte (i32.load8_u (local.get $sign)))
    (if (i32.eqz (call $isSign (local.get $byte))) (then
      (local.set $sign (local.get $at))
      (local.set $byte (i32.load8_u (local.get $sign)))
      (if (i32.eqz (call $isSign (local.get $byte))) (then
        (local.set $sign (i32.add (local.get $at) (i32.const 2)))
        (local.set $byte (i32.load8_u (local.get $sign)))
        (if (i32.ne (local.get $byte) (i32.const 45)) (then (return (i32.const 1))))))))
    (if (i32.eq (local.get $byte) (i32.const 46)) (then
      (return (i32.ne (i32.const 0) (call $placeOf (i32.const 46)
        (i32.add (local.get $sign) (i32.const 2)) (i32.add (local.get $sign) (i32.const 5)))))))
    (if (i32.eq (local.get $byte) (i32.const 58)) (then
      (local.set $second (call $placeOf (i32.const 58)
        (i32.add (local.get $sign) (i32.const 2)) (i32.add (local.get $sign) (i32.const 5))))
      (if (i32.eqz (local.get $second)) (then (return (i32.const 0))))
      (return (i32.ne (i32.const 0) (call $placeOf (i32.const 58)
        (i32.add (local.get $second) (i32.const 2)) (i32.add (local.get $second) (i32.const 5)))))))
    (i32.or
      (i32.and (i32.eq (i32.load8_u offset=3 (local.get $sign)) (i32.const 45))
               (i32.eq (i32.load8_u offset=6 (local.get $sign)) (i32.const 45)))
      (i32.or (i32.eq (i32.load8_u (i32.sub (local.get $sign) (i32.const 7))) (i32.const 45))
              (i32.eq (i32.load8_u offset=7 (local.get $sign)) (i32.const 45)))))

  ;; $from, $to: the text. $events: where what was found goes, four numbers each: place, output, start and end of its line. $shallow: the column of a row that says that nothing
  ;; under way has more than one byte behind it; the one behind it holds the state's output. Both in bytes.
  ;; Returns the end of the events.
  (func (export "scan") (param $from i32) (param $to i32) (param $events i32) (param $shallow i32) (result i32)
    (local $at i32) (local $done i32) (local $place i32) (local $back i32) (local $row i32) (local $cell i32)
    (local $least i32) (local $p i32) (local $last i32)
    (local $lineStart i32) (local $lineStop i32)
    (local.set $at (local.get $from))
    (local.set $done (local.get $from))
    (local.set $last (i32.sub (local.get $to) (i32.const 2)))
    (block $ended
      (loop $look
        (if (i32.ge_s (local.get $at) (local.get $last)) (then
          ;; What is shorter than a look, at the very end.
          (br_if $ended (i32.ge_u (local.get $done) (local.get $to)))
          (local.set $p (i32.sub (local.get $to) (i32.const 3)))
          (if (i32.lt_s (local.get $p) (local.get $done)) (then (local.set $p (local.get $done))))
          (local.set $least (local.get $to)))
        (else
          (local.set $place
            (i32.or
              (i32.or
                (i32.shl (i32.load8_u offset=256 (i32.load8_u (local.get $at))) (i32.const 12))
                (i32.shl (i32.load8_u offset=256 (i32.load8_u offset=1 (local.get $at))) (i32.const 6)))
              (i32.load8_u offset=256 (i32.load8_u offset=2 (local.get $at)))))
          (if (i32.eqz (i32.and (i32.const 1) (i32.shr_u
                (i32.load8_u offset=1024 (i32.shr_u (local.get $place) (i32.const 3)))
                (i32.and (local.get $place) (i32.const 7)))))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 2)))
              (br $look)))
          (local.set $back (i32.load8_u offset=65536 (local.get $place)))
          (if (i32.ge_u (local.get $back) (i32.const 128)) (then
            (if (i32.eqz (call $mayBeNumber (local.get $at))) (then
              (local.set $at (i32.add (local.get $at) (i32.const 2)))
              (br $look)))
            (local.set $back (i32.sub (local.get $back) (i32.const 128)))))
          (local.set $p (i32.sub (local.get $at) (local.get $back)))
          (if (i32.lt_s (local.get $p) (local.get $done)) (then (local.set $p (local.get $done))))
          (local.set $least (i32.add (local.get $at) (i32.const 1)))))
        ;; Follow the automaton.
        (local.set $row (i32.const 0))
        (block $left
          (loop $follow
            (if (i32.ge_s (local.get $p) (local.get $to)) (then
              (local.set $done (local.get $to))
              (br $ended)))
            (local.set $cell (i32.load offset=327680 (i32.add (local.get $row)
              (i32.shl (i32.load8_u (i32.load8_u (local.get $p))) (i32.const 2)))))
            (if (i32.lt_s (local.get $cell) (i32.const 0)) (then
              (if (i32.eq (local.get $cell) (i32.const -1)) (then
                (local.set $cell (call $workOut (local.get $row) (i32.load8_u (i32.load8_u (local.get $p)))))))
              (if (i32.lt_s (local.get $cell) (i32.const 0)) (then
                (local.set $cell (i32.sub (i32.const -2) (local.get $cell)))
                (i32.store (local.get $events) (local.get $p))
                (i32.store offset=4 (local.get $events)
                  (i32.load offset=327684 (i32.add (local.get $cell) (local.get $shallow))))
                (if (i32.ge_s (local.get $p) (local.get $lineStop)) (then
                  (local.set $lineStart (call $lineStart (local.get $p) (local.get $from)))
                  (local.set $lineStop (call $lineStop (local.get $p) (local.get $to)))))
                (i32.store offset=8 (local.get $events) (local.get $lineStart))
                (i32.store offset=12 (local.get $events) (local.get $lineStop))
                (local.set $events (i32.add (local.get $events) (i32.const 16)))))))
            (local.set $row (local.get $cell))
            (br_if $left (i32.and (i32.ge_s (local.get $p) (local.get $least))
              (i32.load offset=327680 (i32.add (local.get $row) (local.get $shallow)))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $follow)))
        (local.set $at (local.get $p))
        (local.set $done (local.get $p))
        (br $look)))
    (local.get $events)))
