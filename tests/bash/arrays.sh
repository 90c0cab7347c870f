#--- indexed
a=(x y z); echo ${a[0]} ${a[2]} ${a[@]} ${#a[@]} ${a[-1]}; a[5]=w; echo ${a[@]} ${!a[@]}
#--- append
a=(1); a+=(2 3); a[0]+=x; echo ${a[@]}; s=a; s+=b; echo $s
#--- explicit indices
a=([2]=c [0]=a b); echo ${!a[@]} ${a[@]}; a=(1 [5]=six seven); echo ${!a[@]}
#--- quoting elements
a=("a b" c); for i in "${a[@]}"; do echo "<$i>"; done; for i in ${a[@]}; do echo "<$i>"; done; echo "${a[*]}"
#--- slices
a=(0 1 2 3 4 5); echo ${a[@]:2} ; echo ${a[@]:1:2}; echo ${a[@]: -2}; echo ${a[*]:0:1}
#--- operators on elements
a=(foo.txt bar.txt); echo ${a[@]%.txt} ${a[@]/o/0} ${a[@]^} ${a[0]#f} "${a[@]/%.txt/.md}"
#--- join
a=(a b c); IFS=,; echo "${a[*]}"; unset IFS; printf '%s\n' "${a[@]}"
#--- associative
declare -A m; m[one]=1; m[two]=2; m["a b"]=3; echo ${m[one]} ${m[two]} ${m["a b"]} ${#m[@]}
#--- associative order
declare -A m=([a]=1 [b]=2 [c]=3 [foo]=4 [bar]=5); echo "${!m[@]}"; echo "${m[@]}"; for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done
#--- associative unset
declare -A m=([x]=1 [y]=2); unset 'm[x]'; echo ${!m[@]} ${m[y]}; [[ -v m[y] ]] && echo has; m[y]+=z; echo ${m[y]}
#--- count words
declare -A c; for w in a b a c a b; do ((c[$w]++)); done; for w in a b c; do echo $w ${c[$w]}; done
#--- arithmetic subscripts
a=(10 20 30); i=1; echo ${a[i]} ${a[i+1]} ${a[$i]} $((a[0]+a[2])); ((a[1]+=5)); echo ${a[1]}
#--- from command
a=($(printf '1 2\n3')); echo ${#a[@]}; a=(*.none); echo ${#a[@]} ${a[0]}
#--- copy
a=("x y" z); b=("${a[@]}"); echo ${#b[@]} "${b[0]}"
#--- bad subscript
a=(1 2); echo "[${a[9]}]"; a[-1]=last; echo ${a[@]}; (a[-5]=x; echo never)
#--- empty array
a=(); echo ${#a[@]} "[${a[@]}]"; for i in "${a[@]}"; do echo never; done; set -u; echo "${a[@]}" ok
#--- scalar to array
x=s; x[1]=t; echo ${x[@]} $x; y=(1 2 3); y=z; echo ${y[@]}
#--- readonly array
readonly -a r=(1 2); (r[0]=x; echo never); echo ${r[@]}
#--- array of lines
IFS=$'\n' a=($'l 1\nl 2'); echo ${#a[@]}; x=$'l 1\nl 2'; IFS=$'\n'; a=($x); echo ${#a[@]} "${a[1]}"
#--- nameref
x=1; declare -n r=x; r=2; echo $x $r; f() { local -n arr=$1; arr+=(new); }; l=(old); f l; echo ${l[@]}
#--- reverse
a=(1 2 3 4); for ((i=${#a[@]}-1;i>=0;i--)); do echo -n "${a[i]} "; done; echo
#--- stack and queue
a=(); a+=(1); a+=(2); a+=(3); echo ${a[-1]}; unset 'a[-1]'; echo ${a[@]}; a=("${a[@]:1}"); echo ${a[@]}
#--- brace array
a=({1..5}); echo ${#a[@]} ${a[3]}; b=({a,b}{1,2}); echo ${b[@]}
#--- transforms
declare -A m=([k]=v); echo "${m[@]@K}"; a=(1 2); echo "${a[@]@A}"; echo "${a[@]@Q}"
#--- local associative
f() { local -A h=([q]=1); echo ${h[q]}; }; f; echo "[${h[q]}]"
#--- PIPESTATUS array
true | false | true; echo "${PIPESTATUS[@]}" ; echo ${#PIPESTATUS[@]}
#--- sort an array
a=(c a b); IFS=$'\n' s=($(printf '%s\n' "${a[@]}" | sort)); unset IFS; echo ${s[@]}
#--- membership
a=(x y z); [[ " ${a[*]} " == *" y "* ]] && echo member
#--- args to array
f() { local a=("$@"); echo ${#a[@]} "${a[1]}"; }; f "a b" "c d"
#--- sparse length
a[3]=x; a[10]=y; echo ${#a[@]} ${!a[@]}; for i in ${!a[@]}; do echo $i=${a[i]}; done
#--- element defaults
a=(1 "" 3); echo ${a[1]:-empty} ${a[7]:-none} ${a[0]:+set} ${#a[2]}
#--- all elements in arithmetic
a=(1 2 3); s=0; for x in "${a[@]}"; do ((s+=x)); done; echo $s; echo $((${#a[@]}*2))
