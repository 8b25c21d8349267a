// Package x11 is the one way Handrail's doors connect to an X server. Each
// door keeps a connection of its own and speaks through xgb; this package
// opens it and prepares extensions, so that any number of connections live side
// by side:
//
//	c, err := x11.Dial("") // $DISPLAY
//	err = x11.Use(c, "XFIXES", "DAMAGE")
//
// # Why not xgb's own Init
//
// xgb reads events and errors through two maps from number to function, which
// belong to the process and have no lock. The reader of every connection looks
// into them, and the Init function of every extension writes into them. So a
// door that opens while another one hears something can end the program with
// "concurrent map read and map write". No lock of ours could help: the reader
// is xgb's.
//
// Therefore this package fills both maps before main begins, once and for
// good, with a function that looks the number up in a table of its own, under
// a lock. It also takes the functions away that Init would enter: an Init that
// is called all the same, as kbinani/screenshot does, writes nothing any more.
//
// As a gift, an error that no extension in use has announced, as of the X
// Keyboard Extension, which xgb doesn't know, arrives as an error. xgb drops it
// and lets the caller wait for ever.
//
// # One display
//
// A server numbers the events of its extensions as it likes: it gives numbers
// out in the order in which extensions start, from 64 for events and from 128
// for errors (X Window System Protocol, X Version 11, Release 7.7, "Event
// Format" and "Error Format"). A number means the same on all connections to
// one display, and a program of Handrail knows but one. xgb's functions aren't
// told which connection an event came by; so if the process does meet a second
// display and a number means two things, Use answers ErrNumbers: an event
// misread is worse than a door that stays shut.
//
// Outside Linux this package is empty.
package x11
