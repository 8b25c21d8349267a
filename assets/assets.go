// Package assets holds the pictures and sounds that are built into the
// programs: icons as SVG of 24 by 24 units in one colour (whoever shows one
// gives it its colour), the program's own icon, and the sound of a nudge.
package assets

import "embed"

//go:embed icons/*.svg
var icons embed.FS

//go:embed sounds/chime.wav
var chime string

// Icon names a picture.
type Icon string

// The program's own icon, in its own colours.
const Handrail Icon = "handrail"

// What is shown and done.
const (
	Actual     Icon = "actual" // one pixel is one pixel
	Bell       Icon = "bell"
	Chat       Icon = "chat"
	Clipboard  Icon = "clipboard"
	Eye        Icon = "eye"
	File       Icon = "file"
	Folder     Icon = "folder"
	Fit        Icon = "fit" // scaled to the window
	Fullscreen Icon = "fullscreen"
	Key        Icon = "key"
	Keyboard   Icon = "keyboard"
	Lock       Icon = "lock"
	Mail       Icon = "mail"
	Monitors   Icon = "monitors"
	Note       Icon = "note"
	Person     Icon = "person"
	Pointer    Icon = "pointer"
	QR         Icon = "qr"
	Screen     Icon = "screen"
	Shield     Icon = "shield"
	Silent     Icon = "silent" // no sound
	Sound      Icon = "sound"
	Window     Icon = "window" // out of full screen
)

// What a button does.
const (
	Clip     Icon = "clip" // a paper clip: sends a file
	Copy     Icon = "copy"
	Cross    Icon = "cross"
	Down     Icon = "down"
	Fold     Icon = "fold" // makes a card small
	Larger   Icon = "larger"
	Leave    Icon = "leave"
	Link     Icon = "link" // opens outside
	Menu     Icon = "menu"
	Minus    Icon = "minus"
	Next     Icon = "next"
	Plus     Icon = "plus"
	Search   Icon = "search"
	Send     Icon = "send"
	Settings Icon = "settings"
	Smaller  Icon = "smaller"
	Stop     Icon = "stop"
	Text     Icon = "text" // size of the text
)

// How something is.
const (
	Check    Icon = "check"
	Clock    Icon = "clock"
	Direct   Icon = "direct" // two that reach each other
	Info     Icon = "info"
	Relayed  Icon = "relayed" // with somebody between them
	Sent     Icon = "sent"    // has arrived at the other side
	Unlinked Icon = "unlinked"
	Warning  Icon = "warning"
)

// SVG is the picture. A name that is not among the constants has none.
func (i Icon) SVG() []byte {
	b, err := icons.ReadFile("icons/" + string(i) + ".svg")
	if err != nil {
		return nil
	}
	return b
}

// Chime is the sound of a nudge: WAV, 16 bit, one channel, 22,050 Hz, 0.9 s.
func Chime() []byte { return []byte(chime) }
