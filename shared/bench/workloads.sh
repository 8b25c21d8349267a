#!/bin/bash
# Real programs at work on an X display, for recordings to measure with.
#
#   workloads.sh prepare DIR              make the pages and documents, once
#   workloads.sh start NAME DIR           start a workload's programs on $DISPLAY and wait until the screen rests
#   workloads.sh play NAME DIR SECONDS    use them as a person would, for so long
#   workloads.sh stop DIR                 end what start began
#
# Names: type type4k term web doc drag sheet ide idle photo. SOURCE is a long Go file to
# show in editors; .ci/deps.sh names the Debian packages.
set -u

wallpapers=/usr/share/wallpapers
backgrounds=/usr/share/backgrounds
licences=/usr/share/common-licenses
photos="Autumn BytheWater ColorfulCups EveningGlow OneStandsOut ColdRipple Kite FallenLeaf"

# --- starting -----------------------------------------------------------------

run() { # starts a program in a process group of its own, and remembers it
	setsid "$@" >/dev/null 2>&1 &
	echo $! >>"$dir/pids"
}

window() { xdotool search --onlyvisible --class "$1" 2>/dev/null | tail -1; }

place() { # CLASS X Y W H: waits for a window and puts it there
	local id=""
	for _ in $(seq 120); do
		id=$(window "$1")
		[ -n "$id" ] && break
		sleep 0.5
	done
	[ -n "$id" ] || { echo "no window of $1 appeared" >&2; exit 1; }
	xdotool windowsize "$id" "$4" "$5" windowmove "$id" "$2" "$3" windowactivate "$id" 2>/dev/null
}

rest() { # waits until the screen has not changed for 1.5 s, 20 s at most
	local now last="" calm=0
	for _ in $(seq 40); do
		now=$(xwd -silent -root | cksum)
		if [ "$now" = "$last" ]; then calm=$((calm + 1)); else calm=0; fi
		[ $calm -ge 3 ] && return
		last=$now
		sleep 0.5
	done
}

desktop() { # window manager, panel, and a wallpaper with icons
	run openbox
	run tint2
	xsetroot -solid '#305070'
	sleep 1
	run pcmanfm --desktop --profile bench
	sleep 2
	run pcmanfm --set-wallpaper="$dir/img/desk.jpg" --wallpaper-mode=crop
	sleep 2
}

office() { run soffice -env:UserInstallation="file://$dir/office" --norestore --nologo "$@"; }
editor() { run geany -i -c "$dir/geany" "$@"; }

start() {
	: >"$dir/pids"
	export HOME=$dir/home
	mkdir -p "$HOME"
	desktop
	case $1 in
	type | type4k)
		editor "$dir/main.go"
		place geany 60 40 1300 900
		xdotool key ctrl+l
		sleep .5
		xdotool type 140
		xdotool key Return End
		;;
	term)
		run xterm -fa 'DejaVu Sans Mono' -fs 10 -geometry 150x48+80+60 -e bash --norc
		place xterm 80 60 1250 800
		xdotool type --delay 5 "PS1='user@host:\\w\\$ '; clear"
		xdotool key Return
		;;
	web | photo)
		run chromium --no-sandbox --no-first-run --disable-gpu --disable-sync --user-data-dir="$dir/chromium" \
			--window-size=1500,960 --window-position=60,30 "file://$dir/page.html"
		place chromium 60 30 1500 960
		sleep 4
		xdotool key ctrl+Home
		;;
	doc)
		office --writer "$dir/doc.odt"
		place libreoffice 40 20 1700 1000
		sleep 6
		place libreoffice 40 20 1700 1000 # its splash screen may have been first
		xdotool key Escape
		;;
	sheet)
		office --calc "$dir/sheet.ods"
		place libreoffice 40 20 1700 1000
		sleep 6
		place libreoffice 40 20 1700 1000
		xdotool key Escape
		;;
	drag)
		editor "$dir/main.go"
		place geany 60 40 1100 780
		run xterm -fa 'DejaVu Sans Mono' -fs 10 -geometry 100x30+500+300 -e bash -c "head -28 '$dir/main.go'; sleep 999"
		place xterm 700 300 820 520
		run pcmanfm /usr/share/doc
		sleep 3
		;;
	ide)
		editor "$dir/main.go" "$dir/other.go"
		place geany 40 20 1500 980
		;;
	idle)
		editor "$dir/main.go"
		place geany 60 40 1300 900
		run xclock -update 1 -geometry 160x160+1500+200
		sleep 1
		wmctrl -a geany
		;;
	*)
		echo "no workload is called $1" >&2
		exit 2
		;;
	esac
	sleep 1
	[ "$1" = idle ] || rest
}

stop() {
	local pid
	for pid in $(tac "$dir/pids" 2>/dev/null); do
		kill -- "-$pid" 2>/dev/null || kill "$pid" 2>/dev/null
	done
	: >"$dir/pids"
}

# --- playing ------------------------------------------------------------------

more() { [ "$(date +%s%N)" -lt "$end" ]; }
key() { xdotool key "$@"; }
text() { xdotool type --delay "$1" -- "$2"; }
wheel() { # TIMES PAUSE
	for _ in $(seq "$1"); do
		xdotool click 5
		sleep "$2"
	done
}

play_type() {
	key Return
	while more; do
		for line in 'for i, part := range strings.Split(header, ",") { // keep the order' \
			'if part = strings.TrimSpace(part); part == "" { continue }' 'total += len(part) * weight[i%4]' '}'; do
			more || break
			text 70 "$line"
			key Return
			sleep .2
		done
	done
}
play_type4k() { play_type; }

play_term() {
	while more; do
		text 60 "ls -la /usr/share/doc | head -40"
		key Return
		sleep .7
		text 60 "grep -n func $dir/other.go | tail -60"
		key Return
		sleep .7
		text 40 'for i in $(seq 90); do echo compile unit $i $((i*i)) ok; sleep .02; done'
		key Return
		sleep 2.4
		text 60 clear
		key Return
	done
}

play_web() {
	xdotool mousemove 800 600
	while more; do
		wheel 8 .12
		sleep .5
		key Next
		sleep .8
	done
}

play_photo() {
	while more; do
		key --delay 30 Next
		sleep 1.2
	done
}

play_doc() {
	xdotool mousemove 800 600
	while more; do
		wheel 12 .1
		sleep .3
		key Next
		sleep .6
	done
}

play_drag() {
	while more; do
		xdotool mousemove 1000 312 mousedown 1
		for _ in $(seq 40); do xdotool mousemove_relative -- -10 4; sleep .03; done
		for _ in $(seq 40); do xdotool mousemove_relative -- 10 -4; sleep .03; done
		xdotool mouseup 1
		for _ in 1 2 3; do key alt+Tab; sleep .7; done
		xdotool keydown alt key Tab Tab keyup alt
		sleep .6
		xdotool windowactivate "$(window xterm)"
		sleep .3
	done
}

play_sheet() {
	while more; do
		for value in 17 2.5 '=SUM(D2:D40)' Dock 99; do
			text 50 "$value"
			key Tab
			sleep .15
		done
		key Return
		sleep .2
		key Next
		sleep .5
		key Prior
		sleep .4
		key alt+f
		sleep .5
		key Right
		sleep .4
		key Right
		sleep .4
		key Escape Escape
		key --delay 60 shift+Down shift+Down shift+Down shift+Right shift+Right
		sleep .3
		key ctrl+Home
		sleep .4
	done
}

play_ide() {
	while more; do
		key ctrl+Next
		sleep .6
		key --delay 60 Next Next Next
		sleep .4
		key ctrl+f
		sleep .8
		text 60 Handler
		key Return
		sleep .4
		key Escape
		sleep .4
		key alt+e
		sleep .5
		key --delay 80 Down Down Down Right
		sleep .4
		key Escape Escape
		key ctrl+l
		sleep .4
		text 40 300
		key Return
		sleep .5
	done
}

play_idle() { sleep "$1"; }

# --- preparing ----------------------------------------------------------------

escape() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }

page() { # paragraphs, headings, boxes, code and photographs
	cat <<-'END'
		<!doctype html><meta charset=utf-8><title>Page</title><style>
		html{scroll-behavior:smooth} body{font:17px/1.55 "Liberation Sans",sans-serif;max-width:980px;margin:2em auto;color:#222}
		h2{color:#0b57d0;border-bottom:1px solid #ddd} img{width:100%;border-radius:8px}
		aside{background:#f3f6fc;border-left:4px solid #0b57d0;padding:.6em 1em}
		pre{background:#f7f7f7;padding:1em;font:13px "Liberation Mono"}
		</style><h1>A long page</h1>
	END
	local n=0 paragraph names=($photos)
	cat $licences/Apache-2.0 $licences/GPL-3 $licences/MPL-2.0 $licences/GPL-2 | escape | awk -v RS= '{ gsub(/\n/, " "); print }' | head -400 |
		while read -r paragraph; do
			n=$((n + 1))
			case $((n % 11)) in
			0) echo "<h2>Part $n</h2>" ;;
			3) echo "<aside>$paragraph</aside>" ;;
			5) echo "<img src=img/${names[$((n / 11 % ${#names[@]}))]}.jpg>" ;;
			8)
				echo "<pre>"
				sed -n "$((n * 4)),$((n * 4 + 14))p" "$dir/other.go" | escape
				echo "</pre>"
				;;
			*) echo "<p>$paragraph</p>" ;;
			esac
		done
}

sheet() {
	awk 'BEGIN {
		srand(7)
		print "Date,Region,Product,Units,Price,Total,Note"
		split("North,South,East,West", r, ",")
		split("Cable,Screen,Keyboard,Dock,Headset", p, ",")
		for (i = 2; i < 400; i++)
			printf "2026-%02d-%02d,%s,%s,%d,%.2f,=D%d*E%d,order %d\n", i%12+1, i%28+1, r[i%4+1], p[i%5+1], int(rand()*90)+1, int(rand()*20000)/100, i, i, i*37
	}'
}

prepare() {
	set -e
	mkdir -p "$dir/img"
	local name
	for name in $photos; do
		convert "$wallpapers/$name/contents/images/2560x1600.jpg" -resize 900x -quality 88 "$dir/img/$name.jpg"
	done
	convert "$backgrounds/Fossa_by_Jasper_Roks.jpg" -resize 1920x1080^ -gravity center -extent 1920x1080 -quality 92 "$dir/img/desk.jpg"
	head -900 "$SOURCE" >"$dir/main.go"
	cp "$SOURCE" "$dir/other.go"
	page >"$dir/page.html"
	escape <$licences/GPL-3 | awk 'BEGIN { print "<html><body>" } /^ +[A-Z]/ { print "<h3>" $0 "</h3>"; next } /^$/ { print "<p>" } { print }' >"$dir/doc.html"
	sheet >"$dir/sheet.csv"
	cd "$dir"
	local convert="soffice -env:UserInstallation=file://$dir/office --headless --convert-to"
	$convert odt:writer8 --infilter=HTML doc.html >/dev/null
	$convert ods sheet.csv >/dev/null
	[ -s doc.odt ] && [ -s sheet.ods ]
	touch "$dir/prepared"
}

case ${1:-} in
prepare) dir=$2 && prepare ;;
start) dir=$3 && start "$2" ;;
play) dir=$3 && end=$(($(date +%s%N) + $4 * 1000000000)) && "play_$2" "$4" ;;
stop) dir=$2 && stop ;;
*)
	echo "usage: workloads.sh prepare DIR | start NAME DIR | play NAME DIR SECONDS | stop DIR" >&2
	exit 2
	;;
esac
