package wire

// Messages of waiting and of queues (control plane): a customer comes from the
// portal, waits, is taken by a rep, and says afterwards how it was.

const (
	KindEnter       Kind = 18
	KindAdmitted    Kind = 19
	KindQuestion    Kind = 20
	KindDecision    Kind = 21
	KindWaiting     Kind = 22
	KindTold        Kind = 23
	KindSurvey      Kind = 24
	KindAnswers     Kind = 25
	KindNoted       Kind = 26
	KindQueues      Kind = 27
	KindVisitor     Kind = 28
	KindVisitorGone Kind = 29
	KindTake        Kind = 30
	KindHandOn      Kind = 31
	KindTargets     Kind = 32
)

// Limits of these messages.
const (
	MaxPlain     = 10 << 10 // bytes of what a customer wrote or is told in one piece
	MaxLine      = 4 << 10  // bytes of one of its fields: 1,024 characters
	MaxFields    = 32       // of an issue form
	MaxQuestions = 32       // of a survey
	MaxOptions   = 32       // of a question
	MaxQueues    = 128      // that one rep sees
	MaxTargets   = 256      // where a session may be moved
	MaxQueue     = 64       // bytes of a queue's name
)

// Enter brings in a customer whom the portal has given a place: Code is nine
// digits, shown on its page and part of the link that opens the program. The
// broker answers Admitted or Problem.
type Enter struct {
	Code   string `cbor:"1,keyasint" json:"code"`
	Name   string `cbor:"2,keyasint,omitempty" json:"name,omitempty"` // where the form had none
	Locale string `cbor:"3,keyasint,omitempty" json:"locale,omitempty"`
}

// Admitted answers Enter: the customer has a place. Ticket is as in Start, and
// Rejoin with it is answered with Admitted again while nobody has taken the
// session.
type Admitted struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Ticket  []byte    `cbor:"2,keyasint" json:"ticket"`
	Portal  string    `cbor:"3,keyasint" json:"portal"` // its name, for people
	Name    string    `cbor:"4,keyasint,omitempty" json:"name,omitempty"`
}

// Asked says what a Question is about.
type Asked uint8

const (
	AskedAgreement Asked = 1 // no, or none, ends the session
	AskedRecording Asked = 2 // no lets it go on without recording
)

// Question asks the customer before a rep does. It is said again after a
// Rejoin. A newer one of the same ID replaces it.
type Question struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	ID      uint32    `cbor:"2,keyasint" json:"id"`
	What    Asked     `cbor:"3,keyasint" json:"what"`
	Title   string    `cbor:"4,keyasint,omitempty" json:"title,omitempty"`
	Text    string    `cbor:"5,keyasint" json:"text"`
	Until   int64     `cbor:"6,keyasint" json:"until"` // broker's clock, Unix milliseconds; silence is no then
}

// Decision answers a Question.
type Decision struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	ID      uint32    `cbor:"2,keyasint" json:"id"`
	Yes     bool      `cbor:"3,keyasint,omitempty" json:"yes,omitempty"`
}

// Waiting tells a waiting customer how it stands. 0 is not told.
type Waiting struct {
	Session  SessionID `cbor:"1,keyasint" json:"session"`
	Position uint32    `cbor:"2,keyasint,omitempty" json:"position,omitempty"` // 1 is next
	Estimate uint32    `cbor:"3,keyasint,omitempty" json:"estimate,omitempty"` // seconds
	Queue    string    `cbor:"4,keyasint,omitempty" json:"queue,omitempty"`    // its name, for people
}

// Telling says what a Told is.
type Telling uint8

const (
	TellGreeting Telling = 1
	TellHold     Telling = 2
	TellNotice   Telling = 3 // important; Leave offers to go because of it
	TellNobody   Telling = 4 // nobody is there; URL is to be opened in the browser
	TellLost     Telling = 5 // the rep was lost, the customer waits again
	TellMoved    Telling = 6 // the rep handed the customer on
)

// Told is a text of the organisation's for a customer who waits.
type Told struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	What    Telling   `cbor:"2,keyasint" json:"what"`
	Title   string    `cbor:"3,keyasint,omitempty" json:"title,omitempty"`
	Text    string    `cbor:"4,keyasint" json:"text"`
	URL     string    `cbor:"5,keyasint,omitempty" json:"url,omitempty"` // https
	Leave   bool      `cbor:"6,keyasint,omitempty" json:"leave,omitempty"`
}

// Form is how a Question of a survey is answered.
type Form uint8

const (
	FormRating Form = 1 // 1 to 5
	FormOne    Form = 2 // one option
	FormSome   Form = 3 // any number of options
	FormText   Form = 4
)

// Survey follows Ended, to the customer: questions, or only a page to open in
// the browser, or both; and to the rep, when a session of theirs is over:
// questions. Answers are welcome for 30 minutes.
type Survey struct {
	Session   SessionID        `cbor:"1,keyasint" json:"session"`
	Intro     string           `cbor:"2,keyasint,omitempty" json:"intro,omitempty"`
	Questions []SurveyQuestion `cbor:"3,keyasint,omitempty" json:"questions,omitempty"`
	URL       string           `cbor:"4,keyasint,omitempty" json:"url,omitempty"` // https
	Thanks    string           `cbor:"5,keyasint,omitempty" json:"thanks,omitempty"`
}

// SurveyQuestion is one question of a Survey.
type SurveyQuestion struct {
	ID       uint32   `cbor:"1,keyasint" json:"id"`
	Form     Form     `cbor:"2,keyasint" json:"form"`
	Text     string   `cbor:"3,keyasint" json:"text"`
	Options  []string `cbor:"4,keyasint,omitempty" json:"options,omitempty"`
	Required bool     `cbor:"5,keyasint,omitempty" json:"required,omitempty"`
}

// Answers answers a Survey. The broker says Noted when they are kept; saying
// them again is harmless.
type Answers struct {
	Session SessionID      `cbor:"1,keyasint" json:"session"`
	Answers []SurveyAnswer `cbor:"2,keyasint,omitempty" json:"answers,omitempty"`
}

// SurveyAnswer answers the question with its ID, by the one of its fields that
// the question's Form asks for. Options count from 0.
type SurveyAnswer struct {
	ID      uint32  `cbor:"1,keyasint" json:"id"`
	Rating  uint8   `cbor:"2,keyasint,omitempty" json:"rating,omitempty"`
	Options []uint8 `cbor:"3,keyasint,omitempty" json:"options,omitempty"`
	Text    string  `cbor:"4,keyasint,omitempty" json:"text,omitempty"`
}

// Noted says that the Answers of a session are kept.
type Noted struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
}

// QueueKind tells queues apart.
type QueueKind uint8

const (
	QueuePersonal QueueKind = 1
	QueueTeam     QueueKind = 2
	QueueGeneral  QueueKind = 3
)

// Queues tells a rep the queues it sees, after SignedIn and whenever they
// change. Its Visitors follow.
type Queues struct {
	Queues []Queue `cbor:"1,keyasint,omitempty" json:"queues,omitempty"`
}

// Queue is where customers wait. ID is "rep:12", "team:3" or "general".
type Queue struct {
	ID   string    `cbor:"1,keyasint" json:"id"`
	What QueueKind `cbor:"2,keyasint" json:"what"`
	Name string    `cbor:"3,keyasint,omitempty" json:"name,omitempty"` // a team's
}

// Consent is what a customer said to being recorded.
type Consent uint8

const (
	ConsentNotAsked Consent = 0
	ConsentGiven    Consent = 1
	ConsentDeclined Consent = 2
)

// Visitor tells reps of a customer who waits in a queue of theirs, and again
// whenever something of it changes.
type Visitor struct {
	Session     SessionID      `cbor:"1,keyasint" json:"session"`
	Queue       string         `cbor:"2,keyasint" json:"queue"`
	Since       int64          `cbor:"3,keyasint" json:"since"` // broker's clock, Unix milliseconds
	Name        string         `cbor:"4,keyasint,omitempty" json:"name,omitempty"`
	Company     string         `cbor:"5,keyasint,omitempty" json:"company,omitempty"`
	CompanyCode string         `cbor:"6,keyasint,omitempty" json:"companyCode,omitempty"`
	Issue       string         `cbor:"7,keyasint,omitempty" json:"issue,omitempty"`
	Description string         `cbor:"8,keyasint,omitempty" json:"description,omitempty"`
	Fields      []VisitorField `cbor:"9,keyasint,omitempty" json:"fields,omitempty"`
	Portal      string         `cbor:"10,keyasint,omitempty" json:"portal,omitempty"`
	System      string         `cbor:"11,keyasint,omitempty" json:"system,omitempty"`
	Locale      string         `cbor:"12,keyasint,omitempty" json:"locale,omitempty"`
	Here        bool           `cbor:"13,keyasint,omitempty" json:"here,omitempty"` // connected and ready to be taken
	Recording   Consent        `cbor:"14,keyasint,omitempty" json:"recording,omitempty"`
	From        string         `cbor:"15,keyasint,omitempty" json:"from,omitempty"` // the rep who had it before
	Note        string         `cbor:"16,keyasint,omitempty" json:"note,omitempty"` // what that rep wrote
}

// VisitorField is what a customer filled in, under the form's own name for it.
type VisitorField struct {
	Name  string `cbor:"1,keyasint" json:"name"`
	Value string `cbor:"2,keyasint,omitempty" json:"value,omitempty"`
}

// Gone says why a customer waits no more.
type Gone uint8

const (
	GoneTaken Gone = 1 // By a rep
	GoneLeft  Gone = 2 // the customer went
	GoneMoved Gone = 3 // to a queue that this rep doesn't see
)

// VisitorGone tells reps that a customer waits no more.
type VisitorGone struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Why     Gone      `cbor:"2,keyasint" json:"why"`
	By      string    `cbor:"3,keyasint,omitempty" json:"by,omitempty"`
}

// Take asks for a waiting customer: this one, or with a zero Session the one
// who has waited longest in a queue, or with an empty Queue in any. The broker
// answers Start, to exactly one rep, or Problem. Request makes a repeated Take
// harmless.
type Take struct {
	Request [16]byte  `cbor:"1,keyasint" json:"request"`
	Session SessionID `cbor:"2,keyasint,omitzero" json:"session,omitzero"`
	Queue   string    `cbor:"3,keyasint,omitempty" json:"queue,omitempty"`
}

// HandOn hands a customer, waiting or in a session, on to a queue. A session that
// is moved ends for the rep with EndMoved.
type HandOn struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Queue   string    `cbor:"2,keyasint" json:"queue"`
	Note    string    `cbor:"3,keyasint,omitempty" json:"note,omitempty"`
}

// Targets tells a rep where sessions can be moved, whenever that changes.
type Targets struct {
	Targets []Target `cbor:"1,keyasint,omitempty" json:"targets,omitempty"`
}

// Target is a queue of somebody who could take over.
type Target struct {
	Queue string    `cbor:"1,keyasint" json:"queue"`
	What  QueueKind `cbor:"2,keyasint" json:"what"`
	Name  string    `cbor:"3,keyasint,omitempty" json:"name,omitempty"`
	Here  bool      `cbor:"4,keyasint,omitempty" json:"here,omitempty"` // signed in; of a team, somebody is
}

// Kind tells the message's number.
func (*Enter) Kind() Kind       { return KindEnter }
func (*Admitted) Kind() Kind    { return KindAdmitted }
func (*Question) Kind() Kind    { return KindQuestion }
func (*Decision) Kind() Kind    { return KindDecision }
func (*Waiting) Kind() Kind     { return KindWaiting }
func (*Told) Kind() Kind        { return KindTold }
func (*Survey) Kind() Kind      { return KindSurvey }
func (*Answers) Kind() Kind     { return KindAnswers }
func (*Noted) Kind() Kind       { return KindNoted }
func (*Queues) Kind() Kind      { return KindQueues }
func (*Visitor) Kind() Kind     { return KindVisitor }
func (*VisitorGone) Kind() Kind { return KindVisitorGone }
func (*Take) Kind() Kind        { return KindTake }
func (*HandOn) Kind() Kind      { return KindHandOn }
func (*Targets) Kind() Kind     { return KindTargets }

// visitRow is the table's part for these messages.
func visitRow(k Kind) row {
	switch k {
	case KindEnter:
		return row{"Enter", of[Enter], customer, 0, false}
	case KindAdmitted:
		return row{"Admitted", of[Admitted], broker, 0, false}
	case KindQuestion:
		return row{"Question", of[Question], broker, 0, false}
	case KindDecision:
		return row{"Decision", of[Decision], customer, 0, false}
	case KindWaiting:
		return row{"Waiting", of[Waiting], broker, 0, false}
	case KindTold:
		return row{"Told", of[Told], broker, 0, false}
	case KindSurvey:
		return row{"Survey", of[Survey], broker, 0, false}
	case KindAnswers:
		return row{"Answers", of[Answers], clients, 0, false}
	case KindNoted:
		return row{"Noted", of[Noted], broker, 0, false}
	case KindQueues:
		return row{"Queues", of[Queues], broker, 0, false}
	case KindVisitor:
		return row{"Visitor", of[Visitor], broker, 0, false}
	case KindVisitorGone:
		return row{"VisitorGone", of[VisitorGone], broker, 0, false}
	case KindTake:
		return row{"Take", of[Take], rep, 0, false}
	case KindHandOn:
		return row{"HandOn", of[HandOn], rep, 0, false}
	case KindTargets:
		return row{"Targets", of[Targets], broker, 0, false}
	}
	return row{}
}
