package match

// features are what the texts of a pair say for it, each between 0 and about 1.
type features struct {
	terms    float64 // cosine of the weighted terms
	bm25     float64 // of the need's terms in the result, against the best possible
	covered  float64 // share of the need's title that the result's text holds
	answered float64 // share of the result's title that the need's text holds
	rarest   float64 // rarest term that both titles hold
	title    float64 // cosine of the titles' characters
	chars    float64 // cosine of all texts' weighted characters
	vector   float64 // cosine of the texts' directions
}

// BM25's constants, with little account of length: a need is short by nature,
// not because it is precise.
const (
	saturation = 1.2
	lengthBias = 0.4
)

func (m *Model) compare(need, result *profile) features {
	var dot, bm25, covered, answered, rarest float64
	room := saturation * (1 - lengthBias + lengthBias*ratio(result.length, m.average.length))
	i, j := 0, 0
	for i < len(need.counts) && j < len(result.counts) {
		a, b := need.counts[i], result.counts[j]
		switch {
		case a.key < b.key:
			i++
			continue
		case a.key > b.key:
			j++
			continue
		}
		idf, weight := float64(need.idf[i]), float64(need.weight[i])
		dot += weight * float64(result.weight[j])
		bm25 += weight * idf * b.total() / (b.total() + room)
		if a.title > 0 {
			covered += idf
		}
		if b.title > 0 {
			answered += idf
		}
		if a.title > 0 && b.title > 0 {
			rarest = max(rarest, idf)
		}
		i++
		j++
	}
	return features{
		terms:    ratio(dot, need.norm*even(result.norm, m.average.norm)),
		bm25:     ratio(bm25, need.selfScore),
		covered:  ratio(covered, need.titleIDF),
		answered: ratio(answered, result.titleIDF),
		rarest:   ratio(rarest, m.rarity(0)),
		title:    ratio(dotProduct(need.titleChars, result.titleChars), need.titleNorm*result.titleNorm),
		chars:    ratio(dotProduct(need.chars, result.chars), need.charNorm*even(result.charNorm, m.average.charNorm)),
		vector:   directionCosine(need.vector, result.vector),
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// evenness is how much of a result's own length gives way to the average.
const evenness = 0.6

func even(norm, average float64) float64 { return (1-evenness)*norm + evenness*average }

func dotProduct(a, b []charCount) float64 {
	var dot float64
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i].char < b[j].char:
			i++
		case a[i].char > b[j].char:
			j++
		default:
			dot += float64(a[i].n) * float64(b[j].n)
			i++
			j++
		}
	}
	return dot
}

// directionCosine compares directions; opposite ones are no worse than
// unrelated ones.
func directionCosine(a, b []float32) float64 {
	if a == nil || b == nil {
		return 0
	}
	return max(0, float64(dot(a, b)))
}
