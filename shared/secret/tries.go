package secret

// MaxTries is how often a secret may be tried. A broker that stands between
// the two guesses right with a chance of three in a million.
const MaxTries = 3

// Tries counts the tries of one key. The zero Tries has all of them left.
//
// Both ends count: the customer when Responder.Finish finds a wrong secret,
// the rep before it sends what Initiator.Tag gives. The rep can't wait for the
// answer, because that tag already tells the other end whether its guess was
// right, and an attacker would just stay silent.
type Tries struct{ spent int }

// Spend takes one try. False means that none was left: don't try.
func (t *Tries) Spend() bool {
	if t.Burnt() {
		return false
	}
	t.spent++
	return true
}

// Left is the number of tries left.
func (t Tries) Left() int { return MaxTries - t.spent }

// Burnt says whether the key can't be tried any more.
func (t Tries) Burnt() bool { return t.Left() <= 0 }
