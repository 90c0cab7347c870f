#--- if
if true; then echo yes; fi; if false; then echo no; else echo else; fi; if false; then :; elif true; then echo elif; fi
#--- if status
if false; then :; fi; echo $?
#--- for words
for i in a "b c" d; do echo "<$i>"; done
#--- for positional
set -- x y; for i; do echo $i; done; for i do echo $i; done
#--- for arithmetic
for ((i=0; i<3; i++)); do echo -n "$i "; done; echo; for ((;;)); do break; done; for ((i=0,j=5;i<j;i++,j--)); do echo $i $j; done
#--- for without words
for i in; do echo never; done; echo $?
#--- while and until
i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done; until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i
#--- break and continue
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
#--- break levels
for i in 1 2; do for j in a b; do [ $j = b ] && continue 2; echo $i$j; done; done; while :; do while :; do break 2; done; echo never; done; echo out
#--- case
for w in apple banana cherry 42; do case $w in a*) echo A;; b*|c*) echo B or C;; [0-9]*) echo num;; esac; done
#--- case fallthrough
case a in a) echo 1;& b) echo 2;; c) echo 3;; esac; case abc in a*) echo x;;& *c) echo y;; *) echo z;; esac
#--- case quoting
x='*'; case "*" in "$x") echo literal;; esac; case abc in "a*") echo no;; a*) echo glob;; esac
#--- case with parens and empty
case x in (x) ;; esac; echo $?; case y in (x) echo no;; esac; echo $?
#--- functions
f() { echo "args: $# $*"; return 5; }; f a b; echo $?; function g { echo g; }; g; function h() { echo h; }; h
#--- function locals
x=global; f() { local x=local y; echo $x [$y]; g; }; g() { echo "g sees $x"; }; f; echo $x
#--- function changes global
f() { x=changed; unset y; }; x=1; y=2; f; echo $x [$y]
#--- recursion
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1-1))) )); fi; }; fact 6
#--- function positional restored
set -- a b; f() { echo $1; set -- q; echo $1; }; f z; echo $1 $#
#--- return in loop
f() { for i in 1 2 3; do [ $i = 2 ] && return $i; done; }; f; echo $?
#--- function in pipeline
f() { while read x; do echo "<$x>"; done; }; printf '1\n2\n' | f
#--- function redirect
f() { echo out; echo err >&2; } 2>&1; f | cat; g() { cat; } <<< hi; g
#--- and or
true && echo a || echo b; false && echo a || echo b; false || false || echo c; true && false; echo $?
#--- not
! true; echo $?; ! false; echo $?; if ! false; then echo yes; fi
#--- groups and subshells
x=1; { x=2; echo $x; }; echo $x; (x=3; echo $x); echo $x; (exit 9); echo $?
#--- nested subshells
( ( (echo deep) ) ); (cd /; pwd); echo ${PWD##*/} | wc -l
#--- pipelines
echo hello | tr a-z A-Z | sed 's/L/_/g'; printf '3\n1\n2\n' | sort | head -2
#--- pipeline status
true | false; echo $?; false | true; echo $? ${PIPESTATUS[@]}; (exit 3) | (exit 4) | true; echo ${PIPESTATUS[*]}
#--- pipefail
set -o pipefail; false | true; echo $?; (exit 3) | (exit 4) | true; echo $?
#--- pipe stderr
{ echo out; echo err >&2; } |& sort
#--- pipeline subshell variables
x=1; echo 2 | read x; echo $x; echo 3 | { read x; echo $x; }
#--- set -e
set -e; true; echo one; false; echo never
#--- set -e conditions
set -e; if false; then :; fi; false || true; ! true; false && true; echo still; (false; echo inner); echo never
#--- set -e in function
set -e; f() { false; echo after; }; f || echo caught; f; echo never
#--- set -e substitution
set -e; x=$(false; echo hi); echo "$x"; y=$(false); echo never
#--- errexit off again
set -e; set +e; false; echo fine
#--- exit codes
(exit 0); echo $?; (exit 256); echo $?; (exit 257); echo $?; (exit -1); echo $?
#--- exit in function
f() { exit 6; }; f; echo never
#--- eval
x='echo $y'; y=val; eval $x; eval "a=5; echo \$a"; eval; echo $?; eval 'exit_code() { return 4; }'; exit_code; echo $?
#--- eval syntax error
eval 'echo )'; echo $?
#--- source
echo 'sv=1; echo in $1 $#; return 3; echo never' > s.sh; . ./s.sh a b; echo $? $sv; source ./s.sh; echo $?
#--- source missing
. ./nosuch.sh; echo $?; source nosuch2; echo $?
#--- command list newlines
echo a
echo b; echo c


echo d
#--- background and wait
(sleep 0.1; echo bg) & wait; echo done; (exit 4) & wait $!; echo $?
#--- wait several
(exit 1) & a=$!; (exit 2) & b=$!; wait $b; echo $?; wait $a; echo $?; wait; echo $?
#--- select
printf '2\n\n9\nq\n' | { select x in alpha beta; do echo "got [$x] $REPLY"; [ "$REPLY" = q ] && break; done; } 2>/dev/null
#--- arithmetic command
((x=3)); echo $? $x; ((0)); echo $?; ((x>2)) && echo big; let y=x*2; echo $y; let "z = 1" "w = 0"; echo $?
#--- loops with redirection
for i in 1 2; do echo $i; done > out.txt; cat out.txt; while read l; do echo "[$l]"; done < out.txt
#--- read in loop keeps variables
n=0; while read l; do n=$((n+1)); done <<< $'a\nb\nc'; echo $n
#--- nested functions
outer() { inner() { echo inner; }; inner; }; outer; inner
#--- unset function
f() { echo f; }; unset -f f; f; echo $?
#--- until with break status
until false; do break; done; echo $?; while false; do :; done; echo $?
#--- exit trap
trap 'echo bye $?' EXIT; echo hi; exit 3
#--- err trap
trap 'echo err $?' ERR; false; true; (exit 3); echo end
#--- trap listing
trap 'echo x' INT; trap 'a "b"' TERM EXIT; trap; trap - EXIT INT; trap -p
#--- trap signal
trap 'echo got usr1' USR1; kill -USR1 $$; echo after
#--- subshell exit trap
(trap 'echo sub' EXIT; echo in); echo out
#--- time keyword status
{ time true; } 2>/dev/null; echo $?
#--- colon and true and false
:; echo $?; true x; echo $?; false x; echo $?
#--- empty function argument list
f() { echo $#; }; f; f ""; f "" ""; f $nothing; f "$nothing"
#--- continue outside loop
continue; echo $?; break; echo $?
#--- return outside
return; echo $?
#--- function name with dash
my-func() { echo dashed; }; my-func
#--- one line while read with IFS
echo 'a:b:c' | while IFS=: read x y z; do echo $z $y $x; done
#--- case in loop with continue
for f in a.c b.h c.c; do case $f in *.h) continue;; esac; echo $f; done
#--- conditional chains
[ 1 = 1 ] && [ 2 = 2 ] && echo both; [ 1 = 2 ] || [ 2 = 3 ] || echo neither
#--- C style nested
for ((i=1;i<=3;i++)); do for ((j=1;j<=i;j++)); do printf '*'; done; echo; done
#--- local array in function
f() { local -a a=(1 2 3); a+=(4); echo ${a[@]} ${#a[@]}; }; f; echo "[${a[@]}]"
#--- shift in loop
set -- a b c; while [ $# -gt 0 ]; do echo $1; shift; done
#--- getopts loop
set -- -a -b val -c file; while getopts ab:c opt; do case $opt in a) echo A;; b) echo B=$OPTARG;; c) echo C;; esac; done; shift $((OPTIND-1)); echo $1
#--- getopts errors
set -- -x -b; while getopts ab: opt; do echo $opt $OPTARG; done
#--- getopts silent
set -- -x -b; while getopts :ab: opt; do echo $opt $OPTARG; done
#--- getopts combined
f() { local OPTIND o; while getopts 'vn:' o; do echo $o $OPTARG; done; echo $OPTIND; }; f -vn5 rest; f -v -n 7
