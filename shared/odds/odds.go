// Package odds writes yes-or-no decisions in less than a bit each, by learning
// how likely they are: an adaptive binary arithmetic coder.
//
// The arithmetic is that of a range coder with carries (G. N. N. Martin, Range
// encoding, 1979; the binary form is that of LZMA). Integers only, so every
// machine makes the same bytes. Encoder and Decoder must be asked the same
// things in the same order; what they learn lives in the Probs, which belong
// to the caller and outlive a message.
//
// An Encoder never fails and a Decoder neither: given nonsense, or past the end
// of its bytes, it answers something. Who asks must bound what the answers make
// it do; Spent tells when it has read more than there was.
package odds

// Prob is what was learnt about one decision: the chance of yes in the upper
// 16 bits, in the lower 4 how often it was asked, because the young learn
// faster. The zero value is not usable; see Init.
type Prob uint32

const even = Prob(1 << 31)

// Init makes every decision equally likely and as young as can be.
func Init(ps []Prob) {
	for i := range ps {
		ps[i] = even
	}
}

// pace is how fast a Prob learns, by age: by 1/2^pace of the way. The last one
// is where it stays.
var pace = [16]uint8{1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5}

const (
	// sure keeps a probability away from 0 and 1: a wrong guess must be
	// writable. A certain decision costs log2(1/(1-32/65536)), 1/1400 bit.
	sure = 32
	// least is the smallest range between two decisions: a byte has gone out
	// before it is smaller.
	least = 1 << 24
)

// yes and no are what p becomes after a decision.
func (p Prob) yes() Prob {
	age := p & 15
	q := p >> 16
	q += (65536 - sure - q) >> (pace[age] & 31)
	return q<<16 | (age + (30-age)>>4)
}

func (p Prob) no() Prob {
	age := p & 15
	q := p >> 16
	q -= (q - sure) >> (pace[age] & 31)
	return q<<16 | (age + (30-age)>>4)
}

// Encoder writes decisions. The zero value is not usable; see Reset.
type Encoder struct {
	low  uint64 // 33 bits: the topmost is a carry into out
	size uint32 // of the interval that begins at low
	out  []byte
	from int // where this message begins in out
}

// Reset begins a message, added to out.
func (e *Encoder) Reset(out []byte) {
	*e = Encoder{size: 1<<32 - 1, out: out, from: len(out)}
}

// Len is how many bytes the message has now, short of the last four.
func (e *Encoder) Len() int { return len(e.out) - e.from }

// Bytes are those of the message, once it is closed.
func (e *Encoder) Bytes() []byte { return e.out[e.from:] }

// Bit writes one decision and learns it.
func (e *Encoder) Bit(p *Prob, yes bool) {
	q := *p
	part := uint32(uint64(e.size) * uint64(q>>16) >> 16)
	if yes {
		e.size = part
		*p = q.yes()
	} else {
		e.low += uint64(part)
		e.size -= part
		*p = q.no()
	}
	if e.size < least {
		e.shift()
	}
}

// shift moves the upper byte out.
func (e *Encoder) shift() {
	for e.size < least {
		if e.low >= 1<<32 {
			e.carry()
		}
		e.out = append(e.out, byte(e.low>>24))
		e.low = e.low << 8 & (1<<32 - 1)
		e.size <<= 8
	}
}

// carry adds one to the number that the bytes written so far are. It cannot
// run out at the front: the message as a fraction stays below 1.
func (e *Encoder) carry() {
	e.low &= 1<<32 - 1
	for i := len(e.out) - 1; i >= e.from; i-- {
		e.out[i]++
		if e.out[i] != 0 {
			return
		}
	}
}

// Raw writes the lower n bits of v as they are, n at most 32.
func (e *Encoder) Raw(v uint32, n int) {
	for n--; n >= 0; n-- {
		e.size >>= 1
		e.low += uint64(e.size & -(v >> n & 1))
		if e.size < least {
			e.shift()
		}
	}
}

// Close writes the fewest bytes that tell the message from every other, and
// returns all of out. The decoder takes bytes past the end for 0, so up to four
// zeros are left out at the end.
func (e *Encoder) Close() []byte {
	end := e.low + uint64(e.size) - 1
	for n := 24; n >= 0; n -= 8 { // the roundest number in the interval
		mask := uint64(1)<<n - 1
		if v := (e.low + mask) &^ mask; v <= end {
			e.low = v
			break
		}
	}
	if e.low >= 1<<32 {
		e.carry()
	}
	for ; e.low != 0; e.low = e.low << 8 & (1<<32 - 1) {
		e.out = append(e.out, byte(e.low>>24))
	}
	return e.out
}

// Decoder reads decisions. The zero value is not usable; see Reset.
type Decoder struct {
	at   uint32 // of the message's number, from where the interval begins
	size uint32
	in   []byte
	past int // bytes read beyond the end
}

// Reset begins with a message.
func (d *Decoder) Reset(in []byte) {
	*d = Decoder{size: 1<<32 - 1, in: in}
	for range 4 {
		d.at = d.at<<8 | d.next()
	}
}

// Spent says whether more was asked than the message can hold: it was cut
// short, or is nonsense.
func (d *Decoder) Spent() bool { return d.past > 4 }

func (d *Decoder) next() uint32 {
	if len(d.in) == 0 {
		d.past++
		return 0
	}
	b := d.in[0]
	d.in = d.in[1:]
	return uint32(b)
}

// Bit reads one decision and learns it.
func (d *Decoder) Bit(p *Prob) bool {
	q := *p
	part := uint32(uint64(d.size) * uint64(q>>16) >> 16)
	yes := d.at < part
	if yes {
		d.size = part
		*p = q.yes()
	} else {
		d.at -= part
		d.size -= part
		*p = q.no()
	}
	if d.size < least {
		d.shift()
	}
	return yes
}

func (d *Decoder) shift() {
	for d.size < least {
		d.size <<= 8
		d.at = d.at<<8 | d.next()
	}
}

// Raw reads n bits, at most 32.
func (d *Decoder) Raw(n int) (v uint32) {
	for range n {
		d.size >>= 1
		left := d.at - d.size // < 2³¹, or wrapped
		no := uint32(int32(left) >> 31)
		d.at = left + d.size&no
		v = v<<1 | (1 + no)
		if d.size < least {
			d.shift()
		}
	}
	return v
}
