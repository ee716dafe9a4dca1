/* Comfort for pages that work without it. Each module finds its elements by a
   data attribute and leaves every other page alone. */
import { counters } from './counter.js';
import { countdowns } from './countdown.js';
import { dates } from './dates.js';
import { deductions } from './deduct.js';
import { drafts } from './draft.js';
import { files } from './files.js';
import { folds, focusErrors, livePreview, printButtons, submitOnce, submitOnChange } from './forms.js';
import { keys } from './keys.js';
import { money } from './money.js';
import { pickAll } from './pick.js';
import { preferences } from './preferences.js';
import { review } from './review.js';
import { rows } from './rows.js';
import { suggest } from './suggest.js';
import { when } from './when.js';

preferences();
folds();
submitOnce();
submitOnChange();
focusErrors();
rows();
counters();
money();
deductions();
dates();
files();
livePreview();
printButtons();
pickAll();
review();
keys();
countdowns();
suggest();
when();
drafts();
