package wire

import "strconv"

// Plane is one of the two conversations a client takes part in.
type Plane uint8

const (
	ControlPlane Plane = 1 // between a client and the broker
	SessionPlane Plane = 2 // between the two sides of a session
)

// from is a set of roles.
type from uint8

const (
	customer from = 1 << RoleCustomer
	rep      from = 1 << RoleRep
	broker   from = 1 << RoleBroker
	clients       = customer | rep
	anyone        = clients | broker
)

// row is what the protocol says about one kind.
type row struct {
	name    string
	fresh   func() Message
	control from // who may say it on the control plane
	peer    from // who may say it on the session plane
	counted bool // carries a Seq
}

func (r row) session() bool { return r.peer != 0 }

// rowOf is the one table of who may say what, where.
func rowOf(k Kind) row {
	switch k {
	case KindHello:
		return row{"Hello", of[Hello], clients, 0, false}
	case KindWelcome:
		return row{"Welcome", of[Welcome], broker, 0, false}
	case KindEnrol:
		return row{"Enrol", of[Enrol], rep, 0, false}
	case KindSignIn:
		return row{"SignIn", of[SignIn], rep, 0, false}
	case KindSignedIn:
		return row{"SignedIn", of[SignedIn], broker, 0, false}
	case KindNewKey:
		return row{"NewKey", of[NewKey], rep, 0, false}
	case KindKeyMade:
		return row{"KeyMade", of[KeyMade], broker, 0, false}
	case KindRevokeKey:
		return row{"RevokeKey", of[RevokeKey], rep, 0, false}
	case KindKeyGone:
		return row{"KeyGone", of[KeyGone], broker, 0, false}
	case KindJoin:
		return row{"Join", of[Join], customer, 0, false}
	case KindStart:
		return row{"Start", of[Start], broker, 0, false}
	case KindSignal:
		return row{"Signal", of[Signal], anyone, 0, false}
	case KindLeave:
		return row{"Leave", of[Leave], clients, 0, false}
	case KindEnded:
		return row{"Ended", of[Ended], broker, 0, false}
	case KindRejoin:
		return row{"Rejoin", of[Rejoin], clients, 0, false}
	case KindProblem:
		return row{"Problem", of[Problem], broker, 0, false}
	case KindRejoined:
		return row{"Rejoined", of[Rejoined], broker, 0, false}
	case KindLinked:
		return row{"Linked", of[Linked], customer, 0, false}
	}
	if r := visitRow(k); r.name != "" {
		return r
	}
	if r := loginRow(k); r.name != "" {
		return r
	}
	if r := severalRow(k); r.name != "" {
		return r
	}
	if r := recordRow(k); r.name != "" {
		return r
	}
	if r := noticeRow(k); r.name != "" {
		return r
	}
	return sessionRow(k)
}

// sessionRow is the table's part for the session plane.
func sessionRow(k Kind) row {
	const counted = true
	switch k {
	case KindAttach:
		return row{"Attach", of[Attach], 0, clients, false}
	case KindAccepted:
		return row{"Accepted", of[Accepted], 0, rep, counted}
	case KindChat:
		return row{"Chat", of[Chat], 0, clients, counted}
	case KindNudge:
		return row{"Nudge", of[Nudge], 0, rep, counted}
	case KindAsk:
		return row{"Ask", of[Ask], 0, rep, counted}
	case KindAnswer:
		return row{"Answer", of[Answer], 0, customer, counted}
	case KindWithdraw:
		return row{"Withdraw", of[Withdraw], 0, rep, counted}
	case KindSharing:
		return row{"Sharing", of[Sharing], 0, customer, counted}
	case KindPickMonitor:
		return row{"PickMonitor", of[PickMonitor], 0, rep, counted}
	case KindEnd:
		return row{"End", of[End], 0, clients, counted}
	case KindAck:
		return row{"Ack", of[Ack], 0, clients, false}
	case KindPresented:
		return row{"Presented", of[Presented], 0, rep, false}
	case KindRefresh:
		return row{"Refresh", of[Refresh], 0, rep, false}
	case KindQuality:
		return row{"Quality", of[Quality], 0, rep, counted}
	case KindPace:
		return row{"Pace", of[Pace], 0, customer, false}
	case KindTaken:
		return row{"Taken", of[Taken], 0, clients, false}
	case KindOffer:
		return row{"Offer", of[Offer], 0, clients, counted}
	case KindReply:
		return row{"Reply", of[Reply], 0, clients, counted}
	case KindHalt:
		return row{"Halt", of[Halt], 0, clients, counted}
	case KindGoOn:
		return row{"GoOn", of[GoOn], 0, clients, false}
	case KindArrived:
		return row{"Arrived", of[Arrived], 0, clients, counted}
	case KindClip:
		return row{"Clip", of[Clip], 0, clients, false}
	case KindClipWant:
		return row{"ClipWant", of[ClipWant], 0, clients, false}
	case KindVerified:
		return row{"Verified", of[Verified], 0, customer, counted}
	case KindUnsupported:
		return row{"Unsupported", of[Unsupported], anyone, clients, false}
	}
	return row{}
}

func of[M any, P interface {
	*M
	Message
}]() Message {
	return P(new(M))
}

// fresh makes an empty message of a kind, nil for an unknown one.
func fresh(k Kind) Message {
	if make := rowOf(k).fresh; make != nil {
		return make()
	}
	return nil
}

// MayCome says whether a message of kind k may come from a role on a plane.
// What it refuses ends the connection: the other side is broken or hostile.
func MayCome(k Kind, plane Plane, from Role) bool {
	r := rowOf(k)
	if from < RoleCustomer || from > RoleBroker {
		return false
	}
	switch plane {
	case ControlPlane:
		return r.control>>from&1 == 1
	case SessionPlane:
		return r.peer>>from&1 == 1
	}
	return false
}

// Counted says whether messages of kind k carry a Seq: they arrive exactly
// once and in order, whatever happens to the connection.
func Counted(k Kind) bool { return rowOf(k).counted }

// String is the kind's name for the log.
func (k Kind) String() string {
	if name := rowOf(k).name; name != "" {
		return name
	}
	return "kind " + strconv.Itoa(int(k))
}

// Kind tells the message's number.
func (*Hello) Kind() Kind       { return KindHello }
func (*Welcome) Kind() Kind     { return KindWelcome }
func (*Enrol) Kind() Kind       { return KindEnrol }
func (*SignIn) Kind() Kind      { return KindSignIn }
func (*SignedIn) Kind() Kind    { return KindSignedIn }
func (*NewKey) Kind() Kind      { return KindNewKey }
func (*KeyMade) Kind() Kind     { return KindKeyMade }
func (*RevokeKey) Kind() Kind   { return KindRevokeKey }
func (*KeyGone) Kind() Kind     { return KindKeyGone }
func (*Join) Kind() Kind        { return KindJoin }
func (*Start) Kind() Kind       { return KindStart }
func (*Signal) Kind() Kind      { return KindSignal }
func (*Leave) Kind() Kind       { return KindLeave }
func (*Ended) Kind() Kind       { return KindEnded }
func (*Rejoin) Kind() Kind      { return KindRejoin }
func (*Problem) Kind() Kind     { return KindProblem }
func (*Rejoined) Kind() Kind    { return KindRejoined }
func (*Linked) Kind() Kind      { return KindLinked }
func (*Attach) Kind() Kind      { return KindAttach }
func (*Accepted) Kind() Kind    { return KindAccepted }
func (*Chat) Kind() Kind        { return KindChat }
func (*Nudge) Kind() Kind       { return KindNudge }
func (*Ask) Kind() Kind         { return KindAsk }
func (*Answer) Kind() Kind      { return KindAnswer }
func (*Withdraw) Kind() Kind    { return KindWithdraw }
func (*Sharing) Kind() Kind     { return KindSharing }
func (*PickMonitor) Kind() Kind { return KindPickMonitor }
func (*End) Kind() Kind         { return KindEnd }
func (*Ack) Kind() Kind         { return KindAck }
func (*Presented) Kind() Kind   { return KindPresented }
func (*Refresh) Kind() Kind     { return KindRefresh }
func (*Quality) Kind() Kind     { return KindQuality }
func (*Pace) Kind() Kind        { return KindPace }
func (*Taken) Kind() Kind       { return KindTaken }
func (*Offer) Kind() Kind       { return KindOffer }
func (*Reply) Kind() Kind       { return KindReply }
func (*Halt) Kind() Kind        { return KindHalt }
func (*GoOn) Kind() Kind        { return KindGoOn }
func (*Arrived) Kind() Kind     { return KindArrived }
func (*Clip) Kind() Kind        { return KindClip }
func (*ClipWant) Kind() Kind    { return KindClipWant }
func (*Unsupported) Kind() Kind { return KindUnsupported }
