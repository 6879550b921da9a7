-- A comparison that was ended early can be asked on; what a lead took out of the queue by hand stays out.
ALTER TABLE head_to_head_pairs ADD COLUMN cut_short boolean NOT NULL DEFAULT false; -- its task went when the comparison was ended
