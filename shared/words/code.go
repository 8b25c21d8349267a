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
	case wire.CodeTaken:
		return Taken
	case wire.CodeNobodyWaits:
		return NobodyWaits
	case wire.CodeLoginNeeded:
		return LoginNeeded
	case wire.CodeIdle:
		return IdleTooLong
	case wire.CodePairRefused:
		return PairRefused
	case wire.CodeNotAllowed:
		return NotAllowed
	case wire.CodeNoTarget:
		return NoTarget
	case wire.CodeManyNotices:
		return ManyNotices
	case wire.CodeNoPortal:
		return NoPortal
	case wire.CodeBadNotice:
		return BadNotice
	}
	return Unexpected
}
