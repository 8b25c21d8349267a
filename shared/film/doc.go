// Package film is the lossy part of the picture: photographs, and rectangles
// in which pictures move. What it sends is near enough to look right; the rest,
// which makes a photograph exact, follows when there is time.
//
// A Photo holds what both ends have learnt about photographs and writes single
// blocks of up to 64×64 pixels into a message of the caller's. A Film is one
// moving rectangle: each of its messages changes the picture before. Both ways
// promise that the sender knows, to the last bit, what the receiver shows:
// there are only integers, and every machine makes the same bytes. FORMAT.md
// tells what the bytes mean.
//
// A decoder takes any bytes, never writes outside its rectangle, and works no
// longer than the rectangle's area asks for.
package film
