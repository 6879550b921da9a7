/** Entry of the thread of statistics: all that is computed off the server's thread. */
import { answerWith } from './assure/thread/answering.ts'
import { work } from './evaluate/work.ts'

answerWith(work)
