package words

// The questions after a session (E02), in either window.
const (
	SurveyRequired  Sentence = "Needed"
	SurveyNeeds     Sentence = "Please answer this."
	SurveyMissing   Sentence = "Something that is needed has no answer yet."
	SurveySend      Sentence = "Send"
	SurveySkip      Sentence = "Skip"
	SurveySending   Sentence = "Sending your answers …"
	SurveyThanks    Sentence = "Thank you for your answers."
	SurveyLate      Sentence = "Answers can no longer be taken, so yours were not kept."
	SurveyWorst     Sentence = "1: not good"
	SurveyBest      Sentence = "5: very good"
	SurveyStars     Sentence = "%d of 5"
	SurveyWriteHere Sentence = "Write here if you like"
)

// What only the customer reads there.
const SurveyTitle Sentence = "How was it?"

// What only the rep reads there.
const (
	RepSurveyTitle Sentence = "How did it go?"
	RepSurveyIntro Sentence = "About your session with %s, who does not see what you answer."
	RepSurveyKept  Sentence = "Thank you, your answers are kept. You can still read what was written."
	RepSurveyLate  Sentence = "Answers can no longer be taken, so yours were not kept. You can still read what was written."
)
