#--- default values
unset x; echo "${x:-a b}" ${x:-c d} "${x-e}"; x=; echo "[${x:-n}]" "[${x-n}]"
#--- assign default
unset x; echo ${x:=first}; echo $x; x=; echo "${x=second}"
#--- alternative
x=1; echo "${x:+yes}" "${y:+no}" "${x+set}" "${y+set}"
#--- lengths
x=hello; a=(one two three); echo ${#x} ${#a[@]} ${#a[1]} ${#a}; set -- p q r; echo ${#} ${#@} ${#*}
#--- prefix removal
p=/usr/local/lib/libfoo.so.1; echo ${p#*/} ${p##*/} ${p%.*} ${p%%.*} ${p#/usr}
#--- suffix removal with classes
f=image_001.tar.gz; echo ${f%[0-9]*} ${f%%[0-9]*} ${f#*_} ${f%.gz}
#--- replacement
s="the cat sat on the mat"; echo "${s/the/a}"; echo "${s//the/a}"; echo "${s/#the/A}"; echo "${s/%mat/rug}"; echo "${s// /_}"
#--- replacement with pattern
s=aXbXXc; echo ${s//X*/-} ${s/X+([X])/-} ${s//[abc]/.}
#--- replacement deletes
s=a-b-c; echo ${s/-} ${s//-} ${s//-/}
#--- substring
s=abcdefgh; echo ${s:2} ${s:2:3} ${s: -3} ${s: -3:2} ${s:0:1} ${s:2:-2}
#--- substring arithmetic
s=0123456789; i=3; echo ${s:i} ${s:i+1:2} ${s:$i:$((i-1))} ${s:(-2)}
#--- case changes
s=helloWorld; echo ${s^} ${s^^} ${s,} ${s,,} ${s^^[lo]}; t=ÉCOLE; echo ${t,,}
#--- indirect
a=b; b=c; c=d; echo ${!a} ; n=1; set -- x y; echo ${!n}; v='arr[1]'; arr=(p q); echo ${!v}
#--- names by prefix
kub_a=1 kub_b=2 kub_c=3; echo ${!kub_*}; for n in "${!kub_@}"; do echo "<$n>"; done
#--- at and star
set -- "a b" c; for i in "$@"; do echo "<$i>"; done; for i in "$*"; do echo "<$i>"; done; for i in $@; do echo "<$i>"; done
#--- star with IFS
set -- a b c; IFS=,; echo "$*"; echo $*; IFS=; echo "$*"; echo "$@"
#--- empty at
set --; for i in "$@"; do echo never; done; for i in "x$@y"; do echo "<$i>"; done; echo "[$*]"
#--- at with prefix and suffix
set -- 1 2 3; for i in "a$@b"; do echo "<$i>"; done
#--- positional slices
set -- a b c d e; echo ${@:2} ; echo ${@:2:2}; echo "${@: -2}"; echo ${*:1:1}
#--- ten and more
set -- a b c d e f g h i j k; echo $10 ${10} ${11} $#
#--- shift
set -- a b c; shift; echo $1 $#; shift 2; echo "[$1]" $#; shift; echo $?
#--- word splitting
x="  a   b  "; for i in $x; do echo "<$i>"; done; echo $x; echo "$x"
#--- splitting on other separators
IFS=:; x=a:b::c:; for i in $x; do echo "<$i>"; done
#--- splitting on blanks and colons
IFS=' :'; x=' a : b :: c '; for i in $x; do echo "<$i>"; done
#--- no splitting in assignment
x="a   b"; y=$x; echo "$y"; z=$(echo "p   q"); echo "$z"
#--- splitting joins with neighbours
x="1 2"; for i in a${x}b; do echo "<$i>"; done
#--- quotes inside default
echo ${x:-"a   b"} ${x:-'c   d'} "${x:-'e'}" "${x:-"f  g"}"
#--- tilde
HOME=/h/me; echo ~ ~/x "~" a~ ~/"b c" x=~; y=~/bin:~/lib; echo $y
#--- tilde of unknown user
echo ~nosuchuser ~nosuchuser/x
#--- command substitution
echo "$(echo a; echo b)" $(echo c; echo d) `echo e`; x=$(printf 'z\n\n\n'); echo "[$x]"
#--- nested command substitution
echo $(echo $(echo $(echo deep))) `echo \`echo back\``
#--- substitution keeps quotes apart
x=$(echo "a  b"); echo "$x" "$(echo "c  'd'")"
#--- substitution status
x=$(exit 3); echo $?; y=$(true); echo $?; echo $(exit 4); echo $?
#--- substitution of file
echo content > f.txt; echo "$(<f.txt)"; x=$(< f.txt); echo $x
#--- arithmetic expansion
echo $((1+2*3)) $(( (1+2)*3 )) $((7/2)) $((-7/2)) $((7%3)) $((2**10))
#--- arithmetic with variables
x=5; y=x; echo $((x)) $((y)) $((x++)) $x $((++x)) $((x--)) $((--x)) $((x+=3)) $x
#--- arithmetic bases
echo $((0x1F)) $((010)) $((2#1010)) $((16#ff)) $((36#z))
#--- arithmetic comparisons
echo $((3>2)) $((3<2)) $((2==2)) $((2!=2)) $((1&&0)) $((1||0)) $((!5)) $((3>2?10:20))
#--- arithmetic bits
echo $((5&3)) $((5|3)) $((5^3)) $((~5)) $((1<<4)) $((256>>2))
#--- arithmetic comma and assignment
echo $((a=3,b=4,a*b)) $a $b $((c=d=2)) $c $d
#--- brace lists
echo a{b,c,d}e {1,2}{x,y} pre{,fix} {a,b,{c,d}} "{q,r}" \{s,t\}
#--- brace sequences
echo {1..5} {5..1} {a..e} {1..10..3} {01..03} {-2..2} {z..w}
#--- brace that is none
echo {a} {} {a,b {1..} a{1..b}c ${x:-{a,b}} {a..}
#--- quoting
echo 'a"b' "a'b" a\ b "a\$b" 'a\b' "a\b" "\"" \\ "\\"
#--- dollar quotes
echo $'a\tb\nc' $'\x41\101\u00e9' $'it\'s' $"loc"
#--- escaped newline
echo a\
b "c\
d" 'e\
f'
#--- special parameters
echo $# $? $0; (exit 7); echo $?; set -- a b; echo $# "$-" | sed 's/[a-zA-Z]*$//'
#--- unset parameter is nothing
echo [$nosuch] ["$nosuch"]; for i in $nosuch; do echo never; done
#--- nullary error operator
(echo ${zz:?}) ; echo $?
#--- error operator with message
echo ${zz:?is missing}; echo not reached
#--- bad substitution
echo ${a b}; echo not reached
#--- unbound variable
set -u; echo ${x-fine}; echo $x; echo not reached
#--- quoting transform
x="it's a \$test"; echo ${x@Q}; y=plain; echo ${y@Q} ${y@U} ${y@u}; a=(1 'b c'); echo "${a[@]@Q}"
#--- globs
touch a.txt b.txt c.log .hidden; echo *.txt; echo *; echo ?.log; echo [ab].*; echo *.none; echo "*.txt"
#--- globs in directories
mkdir -p d1/e d2; touch d1/x d2/y d1/e/z; echo d*/*; echo */; echo d1/*/z; echo d[12]/?
#--- glob classes
touch f1 f2 fa fB; echo f[0-9] f[!0-9] f[[:upper:]] f[^a]
#--- glob from variable
touch p1 p2; g='p*'; echo $g "$g"; x=$g; echo $x
#--- dotglob and nullglob
touch .dot vis; shopt -s dotglob; echo *; shopt -u dotglob; shopt -s nullglob; echo no*; for i in none*; do echo never; done
#--- failglob
shopt -s failglob; echo nosuch*; echo not reached
#--- extglob
shopt -s extglob; touch a.c b.h c.o; echo !(*.o); echo @(a|b).*; x=aaab; echo ${x##+(a)}; [[ foo == @(foo|bar) ]] && echo yes
#--- noglob
touch x1; set -f; echo x*; set +f; echo x*
#--- ifs null
IFS=; x="a b c"; for i in $x; do echo "<$i>"; done
#--- substitution with embedded case
echo $(case a in a) echo one;; esac)
#--- comments
echo a#b # comment
# whole line
echo c;# after semicolon
#--- here in default word
echo "${x:-$(echo sub)}" ${x:-`echo back`} ${x:-$((1+1))}
#--- nested parameter operators
f=/a/b.c; echo ${f##*/} $(basename=${f##*/}; echo ${basename%.*}); echo ${y:-${z:-deep}}
#--- pattern from variable
x=foobar; p='foo*'; echo "${x#$p}" "${x#"$p"}" ${x/$p/-} "[${x%%o*}]"
#--- ampersand in replacement
x=abc; echo ${x/b/[&]} "${x/b/\&}"
#--- length of unicode
x=héllo; echo ${#x} ${x:1:1}
#--- trailing whitespace of read loops
printf 'a b\n c \n' | while read l; do echo "[$l]"; done
#--- array in scalar context
a=(x y z); echo $a ${a} "$a[1]"
#--- underscore last argument
echo one two; x=5 true; echo ok
#--- colon equals with array element
unset a; : ${a[2]:=v}; echo ${a[2]} ${#a[@]}
