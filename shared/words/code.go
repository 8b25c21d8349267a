package words

import "handrail/shared/wire"

// ForCode is the problem that a broker's code stands for.
func ForCode(c wire.Code) Problem {
	switch c {
	case wire.CodeBadKey:
		return BadKey
	case wire.CodeTooManyTries:
		return TooManyTries
	case wire.CodeVersion:
		return VersionTooOld
	case wire.CodeNotEnrolled:
		return NotEnrolled
	case wire.CodeBadEnrolment:
		return BadEnrolment
	case wire.CodeRepAway:
		return RepAway
	case wire.CodeBusy:
		return BrokerBusy
	case wire.CodeSignedInElse:
		return SignedInElse
	}
	return Unexpected
}
