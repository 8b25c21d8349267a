package vault

// alphabet spells five bits with one letter (BIP 173).
const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 spells bytes as age spells its keys: a prefix, the digit 1, five bits
// a letter, and a check of six letters (BIP 173).
func bech32(prefix string, b []byte) string {
	var five []byte
	var bits, have uint
	for _, x := range b {
		bits, have = bits<<8|uint(x), have+8
		for ; have >= 5; have -= 5 {
			five = append(five, byte(bits>>(have-5)&31))
		}
	}
	if have > 0 {
		five = append(five, byte(bits<<(5-have)&31))
	}
	sum := uint32(1)
	for _, x := range []byte(prefix) {
		sum = checked(sum, x>>5)
	}
	sum = checked(sum, 0)
	for _, x := range []byte(prefix) {
		sum = checked(sum, x&31)
	}
	text := []byte(prefix + "1")
	for _, x := range five {
		sum = checked(sum, x)
		text = append(text, alphabet[x])
	}
	for range 6 {
		sum = checked(sum, 0)
	}
	sum ^= 1
	for i := range 6 {
		text = append(text, alphabet[sum>>(5*(5-i))&31])
	}
	return string(text)
}

// checked takes five more bits into the check.
func checked(sum uint32, five byte) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(five)
	for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}
