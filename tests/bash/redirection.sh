#--- write and append
echo a > f; echo b >> f; cat f; > f; cat f; echo $?
#--- read
echo hi > f; cat < f; read x < f; echo $x
#--- stderr
cat nosuch 2> e; wc -l < e; { echo o; echo e >&2; } 2>/dev/null; { echo o; echo e >&2; } >/dev/null 2>&1; echo $?
#--- both
{ echo o; echo e >&2; } &> f; cat f; { echo p; echo q >&2; } &>> f; cat f; { echo r; echo s >&2; } > f 2>&1; cat f
#--- order matters
{ echo o; echo e >&2; } 2>&1 > f | sed 's/^/pipe: /'; cat f
#--- numbered descriptors
exec 3> f; echo three >&3; exec 3>&-; cat f; exec 4< f; read x <&4; echo $x; exec 4<&-
#--- closed descriptor
echo x >&5; echo $?
#--- swap
{ echo out; echo err >&2; } 3>&1 1>&2 2>&3 3>&- 2>/dev/null | cat
#--- here document
cat <<EOF
plain $((1+1)) $(echo sub) `echo back` \$x \\ "q"
EOF
#--- here document variables
x="a  b"; cat <<END
$x ${x} ${y:-none}
  indented
END
#--- quoted here document
cat <<'EOF'
$x $(y) `z` \
EOF
cat <<"E O F"
more $x
E O F
#--- stripped here document
if true; then
	cat <<-EOF
		two tabs
	one $((2))
	EOF
fi
#--- two here documents
cat <<A; cat <<B
first
A
second
B
#--- here document in pipeline
cat <<EOF | tr a-z A-Z
shout
EOF
#--- here document to loop
while read a b; do echo "$b $a"; done <<EOF
1 2
3 4
EOF
#--- here document continued line
cat <<EOF
one \
two
EOF
#--- here document without end
cat <<EOF
text
#--- here string
cat <<< "hello $((1+1))"; x="a b"; cat <<< $x; read -r a b <<< "1 2 3"; echo "$b"
#--- here string of array
a=(1 2 3); cat <<< "${a[@]}"
#--- noclobber
set -C; echo a > f; echo b > f; echo $?; echo c >| f; cat f
#--- missing file
cat < nosuch; echo $?; echo x > nodir/f; echo $?
#--- redirect to directory
mkdir d; echo x > d; echo $?
#--- ambiguous
x="a b"; echo hi > $x; echo $?; y=; echo hi > $y; echo $?
#--- redirect with variable
f=out.txt; echo hi > $f; cat "$f"; cat < "$f"
#--- redirect only
> made; ls made; < made; echo $?
#--- redirects before the command
> f echo early; cat f; 2>/dev/null cat nosuch; echo $?
#--- read write
echo hello > f; exec 3<> f; read x <&3; echo $x; exec 3>&-
#--- compound redirection
{ read a; read b; } < <(printf '1\n2\n'); echo $a $b; if true; then echo in; fi > f; cat f
#--- process substitution
cat <(echo a) <(echo b); wc -l < <(printf 'x\ny\n'); diff <(echo a) <(echo a); echo $?
#--- while from process substitution
while read l; do n=$((n+1)); done < <(printf 'a\nb\n'); echo $n
#--- output process substitution
echo data > >(sed 's/^/got /'); sleep 0.1
#--- tee
echo t | tee f1 f2; cat f1 f2
#--- null device
echo x > /dev/null; cat /dev/null; echo $?
#--- devices of the shell
echo a > /dev/stdout; echo b > /dev/stderr; echo c >/dev/fd/1
#--- save and restore
exec 3>&1; exec > f; echo to file; exec 1>&3 3>&-; echo to out; cat f
#--- move descriptor
exec 3>&1; echo moved 1>&3-; echo hi
#--- pipe both then file
echo abc | cat > f; cat f | cat | cat
#--- here document in function
f() { cat <<EOF
in function $1
EOF
}; f one; f two
#--- here document in substitution
x=$(cat <<EOF
inner $((3*3))
EOF
); echo "$x"
#--- multi digit descriptor
exec 12> f; echo twelve >&12; exec 12>&-; cat f
#--- redirection errors do not run
echo never > /nosuchdir/f || echo failed
#--- appending both streams
{ echo 1; echo 2 >&2; } >> f 2>&1; cat f
#--- backslashes in read
read -r l <<< 'a\tb'; echo "$l"; read l <<< 'a\tb'; echo "$l"
#--- trailing newline counts
printf 'no newline' > f; while read l || [ -n "$l" ]; do echo "[$l]"; done < f
